#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "people/mapping_p.h"

/* Explained in docs/mapping.md, and never renamed. */
static const char *const codes[] = {
    "bad-character",      "bad-date",           "bad-number",
    "bad-text",           "constant-condition", "duplicate-key",
    "duplicate-rule",     "duplicate-table",    "empty-table",
    "excludes-everybody", "no-effect",          "not-a-language",
    "not-utf8",           "repeated",           "required-field",
    "too-deep",           "too-large",          "too-many-attributes",
    "too-many-fields",    "too-many-rows",      "too-many-statements",
    "too-many-tables",    "unclosed-bracket",   "unclosed-text",
    "unexpected",         "unknown-attribute",  "unknown-field",
    "unknown-function",   "unknown-key",        "unknown-table",
    "unlikely-status",    "unreachable",        "unused-table",
    "wrong-count",        "wrong-type",
};

const char *mapping_report_code(size_t index) {
    return index < sizeof codes / sizeof *codes ? codes[index] : NULL;
}

bool mapping_report_is_code(const char *code) {
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

/* Line and column of a byte, both from 1; a column counts characters, so that an editor and a
 * caret below the line agree. */
static void place_of(struct text source, size_t at, uint32_t *ret_line, uint32_t *ret_column) {
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < source.len; i++) {
        if (source.ptr[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)source.ptr[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    *ret_line = line;
    *ret_column = column;
}

uint32_t mapping_line_of(struct text source, uint32_t at) {
    uint32_t line, column;
    place_of(source, at, &line, &column);
    return line;
}

/* The characters of a span up to the end of its line. */
static uint32_t length_of(struct text source, struct mapping_span where) {
    uint32_t n = 0;
    for (size_t i = where.at; i < where.at + (size_t)where.len && i < source.len; i++) {
        if (source.ptr[i] == '\n')
            break;
        n += ((unsigned char)source.ptr[i] & 0xc0) != 0x80;
    }
    return n > 0 ? n : 1;
}

/* A warning gives its place to an error that would have none. */
static struct mapping_finding *room_for(struct mapping_findings *f,
                                        enum mapping_severity severity) {
    if (f->n < MAPPING_FINDINGS_MAX)
        return &f->list[f->n++];
    for (size_t i = MAPPING_FINDINGS_MAX; severity == MAPPING_ERROR && i-- > 0;)
        if (f->list[i].severity == MAPPING_WARNING)
            return &f->list[i];
    return NULL;
}

bool mapping_report_is_full(const struct mapping_report *r) {
    return r->findings->errors_n >= MAPPING_FINDINGS_MAX;
}

struct text mapping_report_quoted(struct text t) {
    enum { MOST = 60 };
    size_t len = t.len < MOST ? t.len : MOST;
    while (len < t.len && len > 0 && ((unsigned char)t.ptr[len] & 0xc0) == 0x80)
        len--;
    return text_from(t.ptr, len);
}

void mapping_report(struct mapping_report *r, enum mapping_severity severity, const char *code,
                    struct mapping_span where, const char *suggestion, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    mapping_vreport(r, severity, code, where, suggestion, fmt, args);
    va_end(args);
}

void mapping_vreport(struct mapping_report *r, enum mapping_severity severity, const char *code,
                     struct mapping_span where, const char *suggestion, const char *fmt,
                     va_list args) {
    char sentence[400];
    if (!mapping_report_is_code(code))
        rc_die("mapping: a finding that nobody explained: %s", code);
    r->findings->errors_n += severity == MAPPING_ERROR;
    struct mapping_finding *f = room_for(r->findings, severity);
    if (f == NULL)
        return;
    int n = vsnprintf(sentence, sizeof sentence, fmt, args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof sentence ? (size_t)n : sizeof sentence - 1;
    while (len == sizeof sentence - 1 && len > 0 && ((unsigned char)sentence[len] & 0xc0) == 0x80)
        len--; /* cut between characters */
    *f = (struct mapping_finding){
        .code = code,
        .severity = severity,
        .length = length_of(r->source, where),
        .sentence = arena_str(r->arena, sentence, len),
        .suggestion =
            suggestion != NULL ? arena_str(r->arena, suggestion, strlen(suggestion)) : NULL,
    };
    place_of(r->source, where.at, &f->line, &f->column);
}

static int by_place(const void *a, const void *b) {
    const struct mapping_finding *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return strcmp(x->code, y->code);
}

void mapping_report_sort(struct mapping_findings *f) {
    qsort(f->list, f->n, sizeof *f->list, by_place);
}
