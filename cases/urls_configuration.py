"""Addresses of what an administrator configures of the case room, and of letters."""

from django.urls import path

from cases.views import authorities, configuring, letters

urlpatterns = [
    path("this-office/lists/", configuring.code_lists, name="code-lists"),
    path("this-office/lists/<str:list_name>/", configuring.code_list, name="code-list"),
    path("this-office/lists/<str:list_name>/new/", configuring.code_new, name="code-new"),
    path("this-office/lists/<str:list_name>/codes/<str:code>/", configuring.code_saved, name="code-set"),
    path("this-office/texts/", configuring.text_templates, name="text-templates"),
    path("this-office/texts/new/<str:kind>/", configuring.text_new, name="text-new"),
    path("this-office/texts/<uuid:text_template_uid>/", configuring.text, name="text-template"),
    path("this-office/texts/<uuid:text_template_uid>/end/", configuring.text_end, name="text-end"),
    path("this-office/authorities/", authorities.table, name="reporting-authorities"),
    path("this-office/authorities/new/", authorities.authority_new, name="reporting-authority-new"),
    path("this-office/authorities/<uuid:reporting_authority_uid>/", authorities.authority, name="reporting-authority"),
    path(
        "this-office/authorities/<uuid:reporting_authority_uid>/looked/",
        authorities.authority_looked,
        name="reporting-authority-looked",
    ),
    path(
        "this-office/authorities/<uuid:reporting_authority_uid>/end/",
        authorities.authority_end,
        name="reporting-authority-end",
    ),
    path("cases/<uuid:uid>/letters/", letters.letters, name="case-letters"),
    path("cases/<uuid:uid>/letters/new/", letters.letter_new, name="case-letter-new"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/print/", letters.letter_print, name="case-document-print"),
]
