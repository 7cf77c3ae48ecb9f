#include <string.h>

#include "people/mapping_p.h"

const char *mapping_type_name(enum mapping_type t) {
    static const char *const names[] = {
        [TYPE_NONE] = "nothing known", [TYPE_NOTHING] = "nothing",       [TYPE_TEXT] = "a text",
        [TYPE_DATE] = "a date",        [TYPE_GROUP] = "a group",         [TYPE_PERSON] = "a person",
        [TYPE_LIST] = "a list",        [TYPE_CONDITION] = "a condition", [TYPE_NUMBER] = "a number",
        [TYPE_TABLE] = "a table",
    };
    return names[t];
}

static const char id_name[] = "id";

int mapping_attribute_find(struct text name) {
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if (text_is(name, employee_field_name((enum employee_field)f)))
            return f;
    return text_is(name, id_name) ? EMPLOYEE_FIELDS_N : -1;
}

int mapping_field_find(struct text name) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (f != USER_EXCLUDED && text_is(name, user_field_name((enum user_field)f)))
            return f;
    return -1;
}

int mapping_function_find(struct text name) {
    const struct mapping_function *f;
    for (unsigned i = 0; (f = mapping_function_at(i)) != NULL; i++)
        if (text_is(name, f->name))
            return (int)i;
    return -1;
}

/* ---- guessing ---- */

enum { GUESS_BYTES = 40 };

static char folded(char c) {
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return c == '-' || c == ' ' ? '_' : c;
}

static unsigned least_of(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Letters too many, too few, others, and two that changed places; capitals and the kind of gap
 * between words do not count. Both are at most GUESS_BYTES long. */
static unsigned slips_between(struct text a, struct text b) {
    unsigned rows[3][GUESS_BYTES + 1], *before = rows[0], *last = rows[1], *now = rows[2];
    for (unsigned j = 0; j <= b.len; j++)
        last[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            char x = folded(a.ptr[i - 1]), y = folded(b.ptr[j - 1]);
            now[j] = least_of(least_of(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b.ptr[j - 2]) && y == folded(a.ptr[i - 2]))
                now[j] = least_of(now[j], before[j - 2] + 1);
        }
        unsigned *reused = before;
        before = last;
        last = now;
        now = reused;
    }
    return last[b.len];
}

void mapping_guess_begin(struct mapping_guess *g, struct text written,
                         const struct mapping_report *r) {
    /* a slip in three letters, and always one */
    unsigned slips = written.len < 6 ? 2 : (unsigned)written.len / 3 + 1;
    *g = (struct mapping_guess){ .written = written,
                                 .slips = mapping_report_is_full(r) ? 0 : slips };
}

void mapping_guess_offer(struct mapping_guess *g, struct text word, struct text meaning) {
    if (g->slips == 0 || g->written.len > GUESS_BYTES || word.len > GUESS_BYTES || word.len == 0)
        return;
    unsigned slips = slips_between(g->written, word);
    if (slips < g->slips && slips < word.len) {
        g->slips = slips;
        g->best = meaning;
    }
}

const char *mapping_guess_end(struct mapping_guess *g, struct arena *a) {
    return g->best.state == TEXT_SET ? arena_str(a, g->best.ptr, g->best.len) : NULL;
}

/* Words of HR systems, of the platform and of spreadsheets, and what they are called here. */
struct alias {
    const char *word, *here;
};
static const struct alias attribute_aliases[] = {
    { "position", "job_title" },
    { "title", "job_title" },
    { "subcompany", "legal_entity" },
    { "company", "legal_entity" },
    { "location", "office" },
    { "site", "office" },
    { "workplace", "office" },
    { "start_date", "hire_date" },
    { "end_date", "termination_date" },
    { "leave_date", "termination_date" },
    { "cost_centers", "cost_centre" },
    { "cost_code", "cost_centre" },
    { "profile_picture", "avatar" },
    { "photo", "avatar" },
    { "known_as", "preferred_name" },
    { "nickname", "preferred_name" },
    { "display_name", "preferred_name" },
    { "surname", "last_name" },
    { "family_name", "last_name" },
    { "given_name", "first_name" },
    { "work_email", "email" },
    { "mail", "email" },
    { "employee_id", "id" },
    { "personnel_number", "id" },
    { "sub_department", "team" },
    { "manager", "supervisor" },
    { "nothing", "unmapped" },
    { "none", "unmapped" },
    { "null", "unmapped" },
    { "off", "unmapped" },
};
static const struct alias function_aliases[] = {
    { "coalesce", "??" },      { "if_empty", "??" },       { "concat", "join" },
    { "concatenate", "join" }, { "text_join", "join" },    { "substitute", "replace" },
    { "first", "left" },       { "substring", "left" },    { "lcase", "lower" },
    { "ucase", "upper" },      { "vlookup", "lookup" },    { "min", "earliest" },
    { "max", "latest" },       { "is_blank", "is_empty" }, { "text_before", "before" },
    { "text_after", "after" }, { "split", "part" },        { "split_part", "part" },
    { "word", "part" },        { "to_date", "date" },      { "to_text", "text" },
};

static void offer_aliases(struct mapping_guess *g, const struct alias *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        mapping_guess_offer(g, text_of(list[i].word), text_of(list[i].here));
}

static void offer_name(struct mapping_guess *g, const char *name) {
    mapping_guess_offer(g, text_of(name), text_of(name));
}

void mapping_guess_attributes(struct mapping_guess *g) {
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++)
        offer_name(g, employee_field_name((enum employee_field)f));
    offer_name(g, id_name);
    offer_aliases(g, attribute_aliases, sizeof attribute_aliases / sizeof *attribute_aliases);
}

void mapping_guess_functions(struct mapping_guess *g) {
    const struct mapping_function *f;
    for (unsigned i = 0; (f = mapping_function_at(i)) != NULL; i++)
        offer_name(g, f->name);
    offer_name(g, "custom");
    offer_aliases(g, function_aliases, sizeof function_aliases / sizeof *function_aliases);
}

void mapping_guess_fields(struct mapping_guess *g) {
    static const struct alias aliases[] = {
        { "team", "primary_team" },
        { "department", "primary_team" },
        { "teams", "secondary_teams" },
        { "location", "primary_location" },
        { "office", "primary_location" },
        { "supervisor", "manager" },
        { "position", "job_title" },
        { "start_date", "hire_date" },
        { "termination_date", "leave_date" },
        { "end_date", "leave_date" },
        { "locale", "language" },
        { "photo", "avatar" },
        { "surname", "last_name" },
        { "given_name", "first_name" },
    };
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (f != USER_EXCLUDED)
            offer_name(g, user_field_name((enum user_field)f));
    offer_aliases(g, aliases, sizeof aliases / sizeof *aliases);
}
