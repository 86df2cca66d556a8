"""The domain of Serialdock: data, rules and operations, without any terminal or screen."""
