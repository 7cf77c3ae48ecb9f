/* mapping_assemble_p.h - what mapping.c hands to mapping_assemble.c. */
#pragma once
#include "people/mapping_p.h"

struct mapping_assembly {
    struct mapping *m;
    struct mapping_syntax syntax;
    struct mapping_check check;
    struct mapping_report report;     /* of the text */
    struct mapping_report by_default; /* of the default */
    struct arena *arena;
    const struct mapping_statement *rules[USER_FIELDS_N];
    const struct mapping_statement *empties[USER_FIELDS_N];
    const struct mapping_statement **custom_empties;
    size_t custom_empties_n;
    const struct mapping_statement *never; /* an include that nobody fits */
    bool may_include;                      /* there is one that somebody may fit */
};

/* syntax, both reports, check.catalogue and m are there; NULL: there were errors. */
const struct mapping *mapping_assemble(struct mapping_assembly *b);
