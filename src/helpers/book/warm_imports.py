"""What a kernel of this book imports: a warm process has it imported before the first kernel is forked from it.

Importing this module starts no thread and reads no data, so that a fork of the process is like a new one.
"""

import encodings.utf_8_sig
import gc
import sys

from helpers.book.light_jsonschema import LEFT_OUT  # isort: split

import ipykernel.debugger
import ipykernel.ipkernel
import ipykernel.kernelapp
import IPython.core.completerlib
import IPython.core.debugger
import IPython.extensions.storemagic
import latexcodec.codec
import narwhals._interchange.dataframe
import pandas.core.methods.to_dict
import pandas.core.reshape.reshape
import pyarrow.pandas_compat
import pyarrow.vendored.version
import pybtex.database.input.bibtex
import pybtex.markup
import scipy.stats
import statsmodels.api
import tornado.platform.asyncio
from pandera.backends.pandas.register import register_pandas_backends

import helpers.evidence.schemas
import helpers.review
import helpers.sections.checks
import helpers.sections.dictionary
import helpers.sections.dose_escalation
import helpers.sections.findings
import helpers.sections.firmness
import helpers.sections.imaging
import helpers.sections.landing
import helpers.sections.ledger
import helpers.sections.longitudinal
import helpers.sections.multiverse
import helpers.sections.outcome
import helpers.sections.outlook
import helpers.sections.overview
import helpers.sections.patient_flow
import helpers.sections.patient_safety
import helpers.sections.randomised
import helpers.sections.recovery
import helpers.sections.repooling
import helpers.sections.safety
import helpers.sections.trial
import helpers.sections.within_group

register_pandas_backends("pandas.core.frame.DataFrame")  # pandera would import all this with its first check
if sys.modules[LEFT_OUT] is None:
    del sys.modules[LEFT_OUT]  # a kernel may want it
gc.freeze()  # the collector would otherwise touch, and so copy, every page of memory in every kernel
