"""The words of the interface in other languages: found in the sources, kept in catalogues, judged and compiled.

``docs/words.md`` tells translators how to work with them. Everything is done in Python by Babel, so no system
package is needed. Only ``extracting`` needs Django; ``deploy/ready.py`` compiles before Django is started.
"""
