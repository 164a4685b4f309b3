"""Whose features there are: users and items."""

from feast import Entity, ValueType

USER = Entity(name="user", join_keys=["user_id"], value_type=ValueType.STRING, description="who does it")
ITEM = Entity(name="item", join_keys=["item_id"], value_type=ValueType.STRING, description="what is done to")
