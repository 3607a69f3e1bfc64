"""To be imported first by a program of this project: jsonschema then goes without its check of international addresses.

The library of that check, which jsonschema takes where it is installed, compiles grammars when it is imported: a second,
longer than reading all pages. No notebook and no configuration of a book needs the check.
"""

import sys

LEFT_OUT = "rfc3987_syntax"

sys.modules.setdefault(LEFT_OUT, None)  # type: ignore[arg-type]  # an import of it fails as if it were not installed
