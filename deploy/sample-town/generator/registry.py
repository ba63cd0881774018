"""Which function makes which file under documents/."""

DOCUMENTS = {}


def document(name):
    """Registers a function of a path as the maker of `name`."""

    def register(make):
        if name in DOCUMENTS:
            raise ValueError(f"two makers of {name}")
        DOCUMENTS[name] = make
        return make

    return register
