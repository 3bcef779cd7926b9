"""Python reads this first in a process that is given this folder (tests.served): its clock goes so many days ahead.

Days of a story pass between two starts of the real server; everything else, its worker and its commands, is as it is.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

_AHEAD = timedelta(days=int(os.environ["HAVEN_TEST_DAYS_AHEAD"]))
time_machine.travel(datetime.now(UTC) + _AHEAD, tick=True).start()
