"""The iterator behind module tokenize."""

import _tokens


class TokenizerIter:
    """An iterator over the tokens of a source, whose lines a function gives one by one."""

    def __init__(self, readline, *, encoding=None, extra_tokens=False):
        self._readline = readline
        self._encoding = encoding
        self._extra = bool(extra_tokens)
        self._tokens = None
        self._error = None

    def __iter__(self):
        return self

    def _lines(self):
        while True:
            try:
                line = self._readline()
            except StopIteration:
                return
            if self._encoding is not None:
                if not isinstance(line, (bytes, bytearray)):
                    raise TypeError("readline() returned a non-bytes object")
                line = line.decode(self._encoding)
            elif not isinstance(line, str):
                raise TypeError("readline() returned a non-string object")
            if not line:
                return
            yield line

    def __next__(self):
        if self._tokens is None:
            tokens, self._error = _tokens.scan("".join(self._lines()), self._extra)
            self._tokens = iter(tokens)
        for token in self._tokens:
            return token
        error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopIteration
