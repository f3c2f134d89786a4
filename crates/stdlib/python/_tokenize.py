"""The tokenizer of the module tokenize: the machine's parser has no token stream for Python, so this raises."""


class TokenizerIter:
    """An iterator over the tokens of a source. Not available."""

    def __init__(self, readline, *, encoding=None, extra_tokens=False):
        raise NotImplementedError("tokenizing is not available")
