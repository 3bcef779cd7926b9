"""Addresses of import, export, print and the match queue."""

from django.urls import path

from cases.views import exports, import_mapping, imports, matches, merging

urlpatterns = [
    path("import/", imports.begin, name="import"),
    path("import/<uuid:uid>/", imports.batch, name="import-batch"),
    path("import/<uuid:uid>/progress/", imports.progress, name="import-progress"),
    path("import/<uuid:uid>/columns/", import_mapping.columns, name="import-columns"),
    path("import/<uuid:uid>/columns/forget/", import_mapping.forget, name="import-forget"),
    path("import/<uuid:uid>/share/", import_mapping.share, name="import-share"),
    path("import/shared/<uuid:shared_mapping_uid>/end/", import_mapping.unshare, name="import-unshare"),
    path("import/<uuid:uid>/answers/", import_mapping.answers, name="import-answers"),
    path("import/<uuid:uid>/take/", imports.take, name="import-take"),
    path("import/<uuid:uid>/go-on/", imports.go_on, name="import-go-on"),
    path("import/<uuid:uid>/discard/", imports.discard, name="import-discard"),
    path("import/<uuid:uid>/undo/", imports.undo, name="import-undo"),
    path("import/<uuid:uid>/rows/<uuid:row_uid>/", imports.row, name="import-row"),
    path("import/<uuid:uid>/rows/<uuid:row_uid>/discard/", imports.row_discard, name="import-row-discard"),
    path("matches/", matches.matches, name="match-queue"),
    path("matches/<uuid:uid>/", matches.settle, name="match-settle"),
    path("matches/<uuid:uid>/compare/", merging.compare_match, name="match-compare"),
    path("matches/merges/", merging.merges, name="match-merges"),
    path("matches/merges/<uuid:case_merge_uid>/", merging.merge, name="match-merge"),
    path("export/", exports.export, name="export"),
    path("cases/<uuid:uid>/print/", exports.print_case, name="case-print"),
]
