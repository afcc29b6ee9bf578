"""LangGraph on loopstate: checkpoints (`LoopstateSaver`) and long-term memory (`LoopstateStore`).

from loopstate.langgraph import LoopstateSaver

with loopstate.open("embedded:./agent.db") as store:
    graph = builder.compile(checkpointer=LoopstateSaver(store, user="ada"))
"""

from .memory import LoopstateStore
from .saver import LoopstateSaver

__all__ = ["LoopstateSaver", "LoopstateStore"]
