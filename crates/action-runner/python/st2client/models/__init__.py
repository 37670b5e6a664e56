"""What the API knows."""

from petrel_worker.client import Execution, KeyValuePair, Resource

Action = ActionAlias = Config = Inquiry = Pack = Rule = Sensor = Trigger = TriggerType = Resource
LiveAction = Execution

__all__ = [
    "Action",
    "ActionAlias",
    "Config",
    "Execution",
    "Inquiry",
    "KeyValuePair",
    "LiveAction",
    "Pack",
    "Resource",
    "Rule",
    "Sensor",
    "Trigger",
    "TriggerType",
]
