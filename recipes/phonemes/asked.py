"""Asks espeak-ng (its library, version 1.51) how it says a text: what is learned here is learned from its answers."""

import ctypes
import functools

UTF8, IPA = 1, 2
VOICE = b"en-us"


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libespeak-ng.so.1")
    library.espeak_Initialize(2, 0, None, 0)  # samples would be given to a callback, and none is set
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    if library.espeak_SetVoiceByName(VOICE):
        raise RuntimeError(f"espeak-ng has no voice {VOICE!r}")
    return library


def clauses(text: str) -> list[str]:
    """How it says each clause of a text."""
    rest, said = ctypes.c_char_p(text.encode()), []
    while rest.value is not None:
        said.append((_library().espeak_TextToPhonemes(ctypes.byref(rest), UTF8, IPA) or b"").decode())
    return [one for one in said if one.strip()]


def clause(text: str) -> str:
    """How it says what is one clause: what stands between two marks."""
    return " ".join(clauses(text)).strip()
