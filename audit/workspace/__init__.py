"""The auditor's workspace: walking through very many events, hints and their queue, copies that leave, and the badge."""
