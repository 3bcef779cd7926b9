"""What is special in single cases: legal matters, the shelter, plans, papers, releases, walls; and what comes next."""

from collections.abc import Callable

from casemgmt.operations.demo.chapters import north, south
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.lot import Lot

Chapter = Callable[[Course, Lot], None]

# fmt: off
#: The chapter of each figure that has one, by its key.
CHAPTERS: dict[str, Chapter] = {
    chapter.__name__: chapter
    for chapter in (
        north.cane, north.lark, north.moonrock, north.skystream, north.quietwater, north.softrain, north.thyme,
        north.seawind, north.goodwater, north.dew, north.cloud, north.clearmoon, north.mildspring,
        north.nightsky, north.marigold, north.greenlight,
        south.windmild, south.monsoon, south.bluefall, south.clearriver, south.dawnlight, south.firefly,
        south.jasmine, south.moonhill, south.stonemoon, south.breezecloud, south.blueriver,
    )
}
