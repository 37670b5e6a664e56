"""What the API knows, as objects. Apart from the client, which needs far more memory."""

from __future__ import annotations

from typing import Any


class ResourceNotFoundError(Exception):
    """What was asked for is not there."""


class Resource:
    """Something that the API knows. Its members are attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    @classmethod
    def deserialize(cls, members: dict[str, Any]) -> Resource:
        """Of its JSON."""
        return cls(**members)

    def serialize(self) -> dict[str, Any]:
        """As its JSON."""
        return {name: value for name, value in self.__dict__.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """As its JSON."""
        return self.serialize()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no member `{name}`; it has {sorted(self.__dict__)}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} id={self.__dict__.get('id')!r},name={self.__dict__.get('name')!r}>"


class KeyValuePair(Resource):
    """An item of the datastore."""

    id: Any = None
    name: Any = None
    value: Any = None
    scope: Any = None
    ttl: Any = None
    secret: Any = None


class Execution(Resource):
    """A run of an action."""
