"""What CPython's tests of interpreters ask of `_testcapi`."""

import _interpreters
import _testinternalcapi


def run_in_subinterp(script):
    return _testinternalcapi.run_in_subinterp_with_config(script, "legacy", whence=_interpreters.WHENCE_LEGACY_CAPI)
