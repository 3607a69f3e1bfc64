"""What a kernel of this book imports: a warm process has it imported before the first kernel is forked from it.

Importing this module starts no thread and reads no data, so that a fork of the process is like a new one.
"""

import gc

import ipykernel.ipkernel
import ipykernel.kernelapp  # noqa: F401
import IPython.core.completerlib
import IPython.extensions.storemagic  # noqa: F401
import scipy.stats  # noqa: F401
import statsmodels.api  # noqa: F401

import helpers.evidence.schemas
import helpers.review
import helpers.sections.checks
import helpers.sections.dictionary
import helpers.sections.findings
import helpers.sections.landing
import helpers.sections.ledger
import helpers.sections.multiverse
import helpers.sections.outcome
import helpers.sections.outlook
import helpers.sections.overview
import helpers.sections.safety
import helpers.sections.trial  # noqa: F401

gc.freeze()  # the collector would otherwise touch, and so copy, every page of memory in every kernel
