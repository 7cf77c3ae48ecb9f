/* From statements to a mapping. The default is a text like any other: its statements are read
 * first, and those that the other text has a rule for are not looked at. */
#include "people/mapping.h"

#include <string.h>

#include "people/mapping_assemble_p.h"

/* The nine standard fields of the described system, manager and status. Learn Amp's own connector
 * fills the primary team from the department. */
const char mapping_default_text[] = "first_name = first_name\n"
                                    "last_name = last_name\n"
                                    "email = email\n"
                                    "job_title = job_title\n"
                                    "avatar = avatar\n"
                                    "primary_location = office\n"
                                    "primary_team = department\n"
                                    "manager = supervisor\n"
                                    "hire_date = hire_date\n"
                                    "leave_date = termination_date\n"
                                    "status = status\n"
                                    "empty first_name = keep\n"
                                    "empty last_name = keep\n"
                                    "empty email = keep\n"
                                    "empty status = keep\n";

/* What is no text at all, or too much of one, is not read any further. */
static bool is_readable(struct mapping_report *r) {
    size_t end;
    if (r->source.len > MAPPING_TEXT_BYTES) {
        mapping_report(r, MAPPING_ERROR, "too-large", (struct mapping_span){ 0, 1 }, NULL,
                       "a mapping has at most %d bytes", MAPPING_TEXT_BYTES);
        return false;
    }
    for (size_t at = 0; at < r->source.len; at = end + 1) {
        const char *newline = memchr(r->source.ptr + at, '\n', r->source.len - at);
        end = newline != NULL ? (size_t)(newline - r->source.ptr) : r->source.len;
        if (text_is_utf8(r->source.ptr + at, end - at))
            continue;
        mapping_report(r, MAPPING_ERROR, "not-utf8", (struct mapping_span){ (uint32_t)at, 1 }, NULL,
                       "this line is not UTF-8: save the text in this encoding");
        return false;
    }
    return true;
}

enum rc_code mapping_parse(struct text source, const struct mapping_catalogue *catalogue,
                           struct arena *a, const struct mapping **ret,
                           struct mapping_findings *ret_findings, struct rc_error *err) {
    struct mapping_findings own, of_default = { 0 };
    struct mapping_assembly b = { .arena = a };
    size_t tokens_n, default_n;
    const struct mapping *m = NULL;
    b.report = (struct mapping_report){ source, a, ret_findings != NULL ? ret_findings : &own };
    b.by_default = (struct mapping_report){ text_of(mapping_default_text), a, &of_default };
    b.report.findings->n = b.report.findings->errors_n = 0;
    if (source.state != TEXT_SET)
        b.report.source = TEXT_NONE;
    b.check.catalogue = catalogue;
    b.m = ARENA_NEW(a, struct mapping, 1);
    if (is_readable(&b.report)) {
        struct mapping_token *defaults = mapping_lex(&b.by_default, &default_n),
                             *tokens = mapping_lex(&b.report, &tokens_n);
        mapping_syntax_init(&b.syntax, a, default_n + tokens_n);
        mapping_parse_tokens(&b.syntax, defaults, true, &b.by_default);
        mapping_parse_tokens(&b.syntax, tokens, false, &b.report);
        m = mapping_assemble(&b);
    }
    if (of_default.n > 0)
        rc_die("mapping: the default: %s", of_default.list[0].sentence);
    mapping_report_sort(b.report.findings);
    if (m == NULL) {
        const struct mapping_finding *f = b.report.findings->list;
        while (f->severity != MAPPING_ERROR)
            f++;
        return rc_fail_as(
            err, RC_INVALID, "mapping.invalid", "line %u, column %u: %s%s%s%s", f->line, f->column,
            f->sentence, f->suggestion != NULL ? "; did you mean \"" : "",
            f->suggestion != NULL ? f->suggestion : "", f->suggestion != NULL ? "\"?" : "");
    }
    *ret = m;
    return RC_OK;
}

const struct mapping *mapping_default(struct arena *a) {
    const struct mapping *m = NULL;
    struct rc_error err = { 0 };
    if (mapping_parse(TEXT_NONE, NULL, a, &m, NULL, &err) != RC_OK)
        rc_die("mapping: the default: %s", err.text);
    return m;
}

enum rc_code mapping_of_team(const char *word, struct arena *a, const struct mapping **ret,
                             struct rc_error *err) {
    if (strcmp(word, "department") != 0 && strcmp(word, "team") != 0)
        return rc_fail(err, RC_INVALID,
                       "the team comes from \"team\" or \"department\", not \"%.40s\"", word);
    return mapping_parse(text_of(arena_printf(a, "primary_team = %s\n", word)), NULL, a, ret, NULL,
                         err);
}

struct employee_reads mapping_reads(const struct mapping *m) {
    return m->reads;
}

uint64_t mapping_fingerprint(const struct mapping *m) {
    return m->fingerprint;
}

enum mapping_empty mapping_empty_rule(const struct mapping *m, enum user_field f) {
    return (enum mapping_empty)m->rules[f].empty;
}

bool mapping_fills(const struct mapping *m, enum user_field f) {
    return m->rules[f].how != RULE_NONE;
}

bool mapping_fills_custom(const struct mapping *m) {
    return m->custom_n > 0;
}

bool mapping_has_own_rule(const struct mapping *m, enum user_field f) {
    return !m->rules[f].is_default;
}
