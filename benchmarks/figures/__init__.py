"""The figures, a module for each subject. ``GROUPS`` says in which order they are measured."""
