"""What a reader does to a picture with pointer or keys: clicks at the pointer's precision, and the view that stays."""

from ui.pointer.pointer import Click, Look, watch

__all__ = ["Click", "Look", "watch"]
