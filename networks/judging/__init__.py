"""Stories graded by language models over any OpenAI-compatible endpoint, and how far the graders agree.

>>> from networks.judging import Score
>>> Score("judge", "go-mHC", "story 1", 1, 7, 5, 8).creativity
5

`python -m networks.judging --help` grades, and compares graders; it needs `pip install openai pingouin`.
"""

from __future__ import annotations

from networks.judging.scores import CRITERIA, Score, Story

__all__ = ["CRITERIA", "Score", "Story"]
