#include "tests/people/maker.h"

#include <string.h>
#include "base/error.h"

/* Every value is written by its type. */

static uint32_t below(struct maker *m, uint32_t n) {
    return rng_below(&m->rng, n);
}

static void put(struct maker *m, const char *s) {
    buf_str(&m->out, s);
}

#define PICK(m, list) list[below(m, sizeof list / sizeof *list)]

static void make_text(struct maker *m);
static void make_condition(struct maker *m);

static void make_literal(struct maker *m) {
    static const char *const some[] = { "\"a\"",
                                        "\"\"",
                                        "\" - \"",
                                        "\"Bremen\"",
                                        "\"\\\"\\\\\"",
                                        "\"\xc3\xa4\xcc\x81\"",
                                        "\"\xe1\x86\xab\"",
                                        "\"external\"",
                                        "\"de\"",
                                        "\"x\"" };
    put(m, PICK(m, some));
}

static void make_date(struct maker *m) {
    static const char *const some[] = { "hire_date",         "termination_date", "last_working_day",
                                        "contract_end_date", "2024-02-29",       "2026-11-23" };
    uint32_t n = m->depth > 3 ? 0 : below(m, 8);
    m->depth++;
    if (n < 4) {
        put(m, PICK(m, some));
    } else if (n == 4) {
        put(m, below(m, 2) != 0 ? "earliest(" : "latest(");
        make_date(m);
        put(m, ", ");
        make_date(m);
        put(m, ")");
    } else if (n == 5) {
        put(m, "add_days(");
        put(m, PICK(m, some));
        buf_printf(&m->out, ", %d)", (int)below(m, 2000) - 1000);
    } else if (n == 6) {
        put(m, "(");
        make_date(m);
        put(m, " ?? ");
        make_date(m);
        put(m, ")");
    } else {
        put(m, "date(custom(\"k1\"))");
    }
    m->depth--;
}

static void make_group(struct maker *m) {
    static const char *const some[] = { "office", "team", "department", "cost_centre",
                                        "legal_entity" };
    uint32_t n = m->depth > 3 ? 0 : below(m, 6);
    m->depth++;
    if (n < 4) {
        put(m, PICK(m, some));
    } else if (n == 4) {
        put(m, "(");
        make_group(m);
        put(m, " ?? ");
        make_group(m);
        put(m, ")");
    } else {
        put(m, "group(\"unit\", ");
        make_text(m);
        put(m, ")");
    }
    m->depth--;
}

static void make_call(struct maker *m) {
    static const char *const fronts[] = { "lower(", "upper(", "text(" }, *const middles[] = {
        "before(", "after("
    };
    uint32_t n = below(m, 7);
    if (n == 0) {
        const char *front = PICK(m, fronts);
        put(m, front);
        if (front[0] == 't')
            make_date(m);
        else
            make_text(m);
    } else if (n == 1) {
        put(m, PICK(m, middles));
        make_text(m);
        put(m, ", ");
        make_literal(m);
    } else if (n == 2) {
        put(m, "left(");
        make_text(m);
        buf_printf(&m->out, ", %u", 1 + below(m, 5));
    } else if (n == 3) {
        put(m, "part(");
        make_text(m);
        buf_printf(&m->out, ", \",\", %s", below(m, 2) != 0 ? "1" : "-2");
    } else if (n == 4) {
        put(m, "replace(");
        make_text(m);
        put(m, ", \"a\", ");
        make_text(m);
    } else if (n == 5) {
        put(m, "join(");
        make_literal(m);
        for (uint32_t i = 0; i <= below(m, 3); i++) {
            put(m, ", ");
            make_text(m);
        }
    } else {
        put(m, "lookup(");
        make_text(m);
        put(m, ", t");
    }
    put(m, ")");
}

static void make_text(struct maker *m) {
    static const char *const some[] = { "first_name",     "job_title",       "preferred_name",
                                        "office",         "department.name", "team.id",
                                        "supervisor.id",  "employment_type", "custom(\"k1\")",
                                        "custom(\"k2\")", "status",          "id" };
    uint32_t n = m->depth > 4 ? below(m, 5) : below(m, 12);
    m->depth++;
    if (n < 4) {
        put(m, PICK(m, some));
    } else if (n == 4) {
        make_literal(m);
    } else if (n < 8) {
        make_call(m);
    } else if (n == 8) {
        put(m, "(if ");
        make_condition(m);
        put(m, " then ");
        make_text(m);
        if (below(m, 2) != 0) {
            put(m, " else ");
            make_text(m);
        }
        put(m, ")");
    } else {
        put(m, "(");
        make_text(m);
        put(m, n == 9 ? " ?? " : " + ");
        make_text(m);
        put(m, ")");
    }
    m->depth--;
}

static void make_condition(struct maker *m) {
    static const char *const marks[] = { " == ", " != ", " < ", " <= ", " > ", " >= " },
                             *const calls[] = { "contains(", "starts_with(", "ends_with(" },
                             *const states[] = { "is_empty(", "is_set(" };
    uint32_t n = m->depth > 4 ? below(m, 3) : below(m, 8);
    m->depth++;
    put(m, "(");
    if (n == 0) {
        make_text(m);
        put(m, PICK(m, marks));
        make_text(m);
    } else if (n == 1) {
        make_date(m);
        put(m, PICK(m, marks));
        make_date(m);
    } else if (n == 2) {
        make_text(m);
        put(m, below(m, 2) != 0 ? " in [" : " not in [");
        for (uint32_t i = below(m, 4); i > 0; i--) {
            make_literal(m);
            put(m, ", ");
        }
        put(m, "]");
    } else if (n == 3) {
        put(m, PICK(m, calls));
        make_text(m);
        put(m, ", ");
        make_text(m);
        put(m, ")");
    } else if (n == 4) {
        put(m, PICK(m, states));
        make_group(m);
        put(m, ")");
    } else if (n == 5) {
        put(m, "not ");
        make_condition(m);
    } else {
        make_condition(m);
        put(m, n == 6 ? " and " : " or ");
        make_condition(m);
    }
    put(m, ")");
    m->depth--;
}

static void make_rule(struct maker *m, const char *target, void (*value)(struct maker *)) {
    if (below(m, 3) != 0)
        return;
    put(m, target);
    put(m, " = ");
    value(m);
    put(m, below(m, 4) == 0 ? " # why\n" : "\n");
}

static void make_list(struct maker *m) {
    put(m, "[");
    for (uint32_t i = below(m, 4); i > 0; i--) {
        make_group(m);
        put(m, below(m, 2) != 0 ? ", " : ",\n    ");
    }
    put(m, "]");
}

static void make_person(struct maker *m) {
    put(m, "if ");
    make_condition(m);
    put(m, " then supervisor else \"\"");
}

static void make_language(struct maker *m) {
    put(m, "custom(\"k2\") ?? ");
    put(m, below(m, 2) != 0 ? "\"de\"" : "\"pt-BR\"");
}

void maker_mapping(struct maker *m) {
    buf_clear(&m->out);
    make_rule(m, "first_name", make_text);
    make_rule(m, "email", make_text);
    make_rule(m, "job_title", make_text);
    make_rule(m, "primary_location", make_text);
    make_rule(m, "status", make_text);
    make_rule(m, "primary_team", make_group);
    make_rule(m, "secondary_teams", make_list);
    make_rule(m, "manager", make_person);
    make_rule(m, "hire_date", make_date);
    make_rule(m, "leave_date", make_date);
    make_rule(m, "language", make_language);
    make_rule(m, "custom.one", make_text);
    make_rule(m, "custom.\"number two\"", make_date);
    put(m, below(m, 2) != 0 ? "empty job_title = keep\n" : "empty first_name = clear\n");
    for (uint32_t i = below(m, 3); i > 0; i--) {
        put(m, below(m, 2) != 0 ? "exclude when job_title == \"x\" and "
                                : "include when id == id and ");
        make_condition(m);
        put(m, below(m, 2) != 0 ? " because \"of a reason\"\n" : "\n");
    }
    put(m, "table t { \"a\" = \"b\", \"Bremen\" = \"de\"\n\"\xc3\xa4\" = \"\" }\n");
}

static void make_if(struct maker *m) {
    put(m, "if ");
    make_condition(m);
    put(m, " then ");
    make_text(m);
    put(m, " else ");
    make_text(m);
}

void maker_expression(struct maker *m) {
    static const struct kind {
        const char *target;
        void (*value)(struct maker *);
    } kinds[] = {
        { "job_title = ", make_text },
        { "custom.one = ", make_text },
        { "custom.one = ", make_if },
        { "hire_date = ", make_date },
        { "primary_team = ", make_group },
        { "secondary_teams = ", make_list },
        { "exclude when job_title == \"x\" or ", make_condition },
    };
    const struct kind *k = &kinds[below(m, sizeof kinds / sizeof *kinds)];
    buf_clear(&m->out);
    put(m, k->target);
    k->value(m);
    put(m, "\ntable t { \"a\" = \"b\", \"Bremen\" = \"de\" }\n");
}

void maker_spoil(struct maker *m) {
    static const char *const bits[] = {
        "(", ")", "[",  "]",   "{",     "}",    "\"", "=", "\n", "?",    "??",           ",",
        ".", "#", "\\", "if ", "then ", "not ", "0",  "-", "x",  "\xc3", "\xe2\x80\x9c", " in ",
        "+"
    };
    for (uint32_t n = 1 + below(m, 2); n > 0 && m->out.len > 2; n--) {
        size_t at = below(m, (uint32_t)m->out.len), more = 1 + below(m, 3);
        if (below(m, 2) != 0) {
            more = more < m->out.len - at ? more : m->out.len - at;
            memmove(m->out.ptr + at, m->out.ptr + at + more, m->out.len - at - more);
            m->out.len -= more;
            m->out.ptr[m->out.len] = '\0';
        } else {
            const char *bit = PICK(m, bits);
            size_t len = strlen(bit);
            if (buf_room(&m->out, len) == NULL)
                return;
            memmove(m->out.ptr + at + len, m->out.ptr + at, m->out.len - at);
            memcpy(m->out.ptr + at, bit, len);
            buf_grew(&m->out, len);
        }
    }
}
