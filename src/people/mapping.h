/* mapping.h - from the employee (what HR states) to the user (what the platform should show), by
 * rules that an administrator writes.
 *
 * Shape:  pure. A mapping is a text of one statement a line (docs/mapping.md has the grammar);
 *         parsing checks all of it, and what is returned always ends, needs no clock, and gives the
 *         same user for the same employee. A user field without a rule keeps that of
 *         mapping_default_text, which goes through the same parser. What a mapping reads is known
 *         from it alone, and only that is asked for, kept and looked at (invariant 10).
 *         Values are missing, empty or set to the very end (invariant 3): a field whose rule gives
 *         missing, or something that cannot be used, keeps what is known; an empty one is cleared
 *         or kept by its rule.
 * Memory: a struct mapping lives in the arena it was parsed into and never changes; any number of
 *         threads may use it. Texts of a user are borrowed from the employee, the known user, the
 *         mapping and the arena.
 * Errors: mapping_parse() gives RC_INVALID with findings, each with its place in the text. Nothing
 *         else can fail. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "people/employee.h"
#include "people/user.h"

enum {
    MAPPING_TEXT_BYTES = 64 << 10,
    MAPPING_STATEMENTS_MAX = 200,
    MAPPING_NESTING_MAX = 32,
    MAPPING_TABLES_MAX = 32,
    MAPPING_ROWS_MAX = 1000,
    MAPPING_LIST_MAX = 16,          /* groups in one list */
    MAPPING_CUSTOM_MAX = 32,        /* custom attributes read */
    MAPPING_WORK_BYTES = 256 << 10, /* of texts made for one person; beyond, results are missing */
    MAPPING_FINDINGS_MAX = 20,
};

struct mapping; /* opaque */
enum mapping_empty { MAPPING_EMPTY_KEEPS, MAPPING_EMPTY_CLEARS };

/* ---- from text ---- */

enum mapping_severity { MAPPING_ERROR, MAPPING_WARNING };
struct mapping_finding {
    const char *code; /* stable word, docs/mapping.md */
    enum mapping_severity severity;
    uint32_t line, column, length; /* from 1, in characters; length at least 1 */
    const char *sentence;
    const char *suggestion; /* what to write instead, NULL when there is no guess */
};
struct mapping_findings {
    struct mapping_finding list[MAPPING_FINDINGS_MAX]; /* in the order of the text */
    size_t n, errors_n; /* errors_n counts also those that found no place in the list */
};

/* The custom attributes that the source can read now, for checking custom("KEY"). */
struct mapping_attribute {
    struct text key, label;
};
struct mapping_catalogue {
    const struct mapping_attribute *list;
    size_t n;
};

extern const char mapping_default_text[];
/* catalogue NULL: not known, every key is taken. Warnings do not make it fail. The first error is
 * in err too. */
enum rc_code mapping_parse(struct text source, const struct mapping_catalogue *catalogue,
                           struct arena *a, const struct mapping **ret,
                           struct mapping_findings *ret_findings, struct rc_error *err);
const struct mapping *mapping_default(struct arena *a);
/* The default mapping with the primary team from "team" or "department". RC_INVALID for anything
 * else. */
enum rc_code mapping_of_team(const char *word, struct arena *a, const struct mapping **ret,
                             struct rc_error *err);

/* ---- what is known from the mapping alone ---- */

/* Borrowed from the mapping. Custom keys are in the order of their bytes. */
struct employee_reads mapping_reads(const struct mapping *m);
/* Differs whenever the mapping could give another user for the same employee; comments, spacing and
 * the order of fields do not matter. */
uint64_t mapping_fingerprint(const struct mapping *m);
enum mapping_empty mapping_empty_rule(const struct mapping *m, enum user_field f);
/* The text itself says where f comes from, or that it is unmapped: it has not the default's rule. */
bool mapping_has_own_rule(const struct mapping *m, enum user_field f);
/* Something is to be stated as f: by its own rule or by the default's. */
bool mapping_fills(const struct mapping *m, enum user_field f);
bool mapping_fills_custom(const struct mapping *m);
/* The whole mapping in one form, the default's rules included: parsing it gives an equal mapping. */
void mapping_print(const struct mapping *m, struct buf *ret);

/* What differs between two mappings, by field, in the order of mapping_print(). */
struct mapping_difference {
    const char *what; /* "language", "custom.badge", "empty job_title", "exclude", "table x" */
    struct text was, becomes; /* as mapping_print() has it; missing: there was none, is none */
};
size_t mapping_diff(const struct mapping *old, const struct mapping *new, struct arena *a,
                    struct mapping_difference **ret);

/* ---- for one person ---- */

enum mapping_filter { MAPPING_IN = 0, MAPPING_EXCLUDED, MAPPING_FILTER_UNKNOWN };
struct mapping_outcome {
    uint64_t problems; /* bits of enum problem: what the rules found wrong */
    enum mapping_filter filter;
    bool keeps; /* something known stays where nothing is stated, or would, were it known: with any
                 * other known user, and with none, the user would be the same unless this is set */
};
/* known: the user as the directory has it, NULL for a joiner. ret_outcome may be NULL. */
void mapping_build(const struct mapping *m, const struct employee *e, const struct user *known,
                   struct arena *a, struct user *ret, struct mapping_outcome *ret_outcome);
/* Fills what HR did not send, or sent unusably, with what is known (invariant 3). True when
 * anything was filled. */
bool mapping_keep_known(const struct mapping *m, struct employee *e, const struct employee *known);
/* Something that the rule of f reads was known and came as missing now, though not as bad. */
bool mapping_vanished(const struct mapping *m, enum user_field f, const struct employee *e,
                      const struct employee *known);

/* The teams that the rules name for e, each key once: for their names, which live on the team. */
struct mapping_team {
    struct text key, kind, hr_id, name; /* the name is missing where only the id is known */
};
enum { MAPPING_TEAMS_MAX = 1 + MAPPING_LIST_MAX };
size_t mapping_teams(const struct mapping *m, const struct employee *e, struct arena *a,
                     struct mapping_team ret[MAPPING_TEAMS_MAX]);

/* ---- why ---- */

enum mapping_why {
    MAPPING_SETS,          /* the rule gave a value */
    MAPPING_CLEARS,        /* it gave an empty one, and that clears the field */
    MAPPING_KEEPS_EMPTY,   /* it gave an empty one, and the known one stays */
    MAPPING_KEEPS_MISSING, /* it gave none, or one that cannot be used */
    MAPPING_LETS_IN,       /* filters: this one leaves the person in */
    MAPPING_LEAVES_OUT,    /* ... or out */
    MAPPING_CANNOT_TELL,   /* ... or depends on something that is missing */
};
struct mapping_input {
    const char *name; /* "office", "office.id", "custom(\"dynamic_7\")" */
    struct text value;
};
/* One rule or filter, looked at for one person. */
struct mapping_step {
    const char *target; /* "language", "exclude" ... */
    struct text rule;   /* as mapping_print() has it */
    uint32_t line;      /* 0: of the default */
    const struct mapping_input *inputs;
    size_t inputs_n;    /* those that were looked at, in this order */
    struct text result; /* what the user has then; of a filter the reason, when it leaves out */
    enum mapping_why why;
};
const char *mapping_why_sentence(enum mapping_why why);
/* As mapping_build(), telling how. */
void mapping_explain(const struct mapping *m, const struct employee *e, const struct user *known,
                     struct arena *a, struct user *ret, struct mapping_outcome *ret_outcome,
                     struct mapping_step **ret_steps, size_t *ret_steps_n);
