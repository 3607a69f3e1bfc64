"""Importing this lets pandas keep text as Python strings: with Arrow's the small frames of a page take a tenth longer."""

import pandas as pd

pd.set_option("mode.string_storage", "python")
