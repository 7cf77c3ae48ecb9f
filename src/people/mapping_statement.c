/* Tokens to statements and nodes:
 *
 *     statement  = target "=" value | target "=" "unmapped"
 *                | "empty" target "=" ("keep" | "clear")
 *                | "table" name "{" text "=" text ... "}"
 *                | ("exclude" | "include") "when" value [ "because" text ]
 *     target     = name | "custom" "." (name | text)
 *     value      = or | if
 *     or         = and { "or" and }
 *     and        = not { "and" not }
 *     not        = { "not" } comparison
 *     comparison = else [ ("==" | "!=" | "<" | "<=" | ">" | ">=") else
 *                       | ["not"] "in" "[" else { "," else } "]" ]
 *     else       = sum { "??" sum }
 *     sum        = primary { "+" primary }
 *     primary    = text | date | number | name [ "." name ] | name "(" value { "," value } ")"
 *                | "(" value ")" | "[" value { "," value } "]"
 *     if         = "if" value "then" value { "else" "if" value "then" value } [ "else" value ]
 *
 * Names are looked up later (mapping_check.c). The first thing that is wrong in a statement is
 * reported, and reading goes on with the next one. */
#include <string.h>

#include "people/mapping_parse_p.h"

static void parse_target(struct mapping_parser *p, struct mapping_statement *s) {
    if (p->t->kind != TOKEN_WORD) {
        mapping_parser_expected(p, "the name of a field");
        return;
    }
    s->span = p->t->span;
    s->name = p->t++->text;
    if (!mapping_parser_take_mark(p, '.'))
        return;
    s->custom = true;
    if (!text_is(s->name, "custom")) {
        mapping_parser_fail(p, "unexpected", s->span, "custom",
                            "only fields of one's own have a dot in their name: custom.NAME");
        return;
    }
    if (p->t->kind != TOKEN_WORD && p->t->kind != TOKEN_TEXT) {
        mapping_parser_expected(p, "the name of the custom field");
        return;
    }
    s->span.len = p->t->span.at + p->t->span.len - s->span.at;
    s->name = p->t++->text;
}

static void parse_rule(struct mapping_parser *p, struct mapping_statement *s) {
    parse_target(p, s);
    if (!p->failed && !mapping_parser_take_mark(p, '=')) {
        if (mapping_parser_is_mark(p->t, '=', '='))
            mapping_parser_fail(p, "unexpected", mapping_parser_here(p), "=",
                                "one = stands between a field and its rule");
        else
            mapping_parser_expected(p, "\"=\"");
    }
    if (p->failed)
        return;
    if (mapping_parser_is_word(p->t, "unmapped") && p->t[1].kind == TOKEN_LINE) {
        s->unmapped = true;
        p->t++;
        return;
    }
    s->root = mapping_parser_value(p);
}

static void parse_empty(struct mapping_parser *p, struct mapping_statement *s) {
    s->kind = STATEMENT_EMPTY;
    p->t++;
    parse_target(p, s);
    if (!p->failed && !mapping_parser_take_mark(p, '='))
        mapping_parser_expected(p, "\"=\"");
    if (p->failed)
        return;
    s->keeps = mapping_parser_is_word(p->t, "keep");
    if (!mapping_parser_take_word(p, "keep") && !mapping_parser_take_word(p, "clear"))
        mapping_parser_expected(p, "\"keep\" or \"clear\"");
}

static bool on_one_line(const struct mapping_parser *p) {
    uint32_t from = p->t[-1].span.at + p->t[-1].span.len;
    return memchr(p->report->source.ptr + from, '\n', p->t->span.at - from) == NULL;
}

static bool parse_row(struct mapping_parser *p, struct mapping_row *ret) {
    ret->span = p->t->span;
    if (p->t->kind != TOKEN_TEXT)
        return mapping_parser_expected(p, "a text, or \"}\" to close the table"), false;
    ret->key = p->t++->text;
    if (!mapping_parser_take_mark(p, '='))
        return mapping_parser_expected(p, "\"=\""), false;
    if (p->t->kind != TOKEN_TEXT)
        return mapping_parser_expected(p, "a text"), false;
    ret->span.len = p->t->span.at + p->t->span.len - ret->span.at;
    ret->value = p->t++->text;
    return true;
}

static void parse_table(struct mapping_parser *p, struct mapping_statement *s) {
    s->kind = STATEMENT_TABLE;
    p->t++;
    s->span = p->t->span;
    s->name = p->t++->text;
    struct mapping_span opened = p->t->span;
    if (!mapping_parser_take_mark(p, '{')) {
        mapping_parser_expected(p, "\"{\"");
        return;
    }
    size_t rows_most = 0;
    for (const struct mapping_token *t = p->t; t->kind != TOKEN_LINE && t->kind != TOKEN_STOP; t++)
        rows_most += t->kind == TOKEN_TEXT;
    s->rows = ARENA_NEW(p->report->arena, struct mapping_row, rows_most / 2 + 1);
    while (!p->failed && p->t->kind != TOKEN_LINE && !mapping_parser_is_mark(p->t, 0, '}')) {
        if (!parse_row(p, &s->rows[s->rows_n]))
            return;
        if (s->rows_n++ == MAPPING_ROWS_MAX) {
            mapping_parser_fail(
                p, "too-many-rows", s->rows[s->rows_n - 1].span, NULL,
                arena_printf(p->report->arena, "a table has at most %d rows", MAPPING_ROWS_MAX));
            return;
        }
        if (!mapping_parser_take_mark(p, ',') && !mapping_parser_is_mark(p->t, 0, '}') &&
            p->t->kind != TOKEN_LINE && on_one_line(p))
            mapping_parser_expected(p, "a comma or a new line");
    }
    if (!p->failed && !mapping_parser_take_mark(p, '}'))
        mapping_parser_fail(p, "unclosed-bracket", opened, NULL,
                            "the bracket that opens here is never closed by \"}\"");
}

static void parse_condition(struct mapping_parser *p, struct mapping_statement *s) {
    s->kind = STATEMENT_CONDITION;
    s->includes = mapping_parser_is_word(p->t, "include");
    s->span = p->t++->span;
    if (!mapping_parser_take_word(p, "when")) {
        mapping_parser_expected(p, "\"when\"");
        return;
    }
    s->root = mapping_parser_value(p);
    if (p->failed || !mapping_parser_take_word(p, "because"))
        return;
    if (p->t->kind != TOKEN_TEXT) {
        mapping_parser_expected(p, "a text that says why");
        return;
    }
    s->because = p->t++->text;
}

static void parse_statement(struct mapping_parser *p, struct mapping_statement *s) {
    const struct mapping_token *first = p->t, *second = p->t + 1;
    bool word_follows = second->kind == TOKEN_WORD;
    *s = (struct mapping_statement){ .is_default = p->is_default,
                                     .span = first->span,
                                     .root = NODE_NONE };
    if (mapping_parser_is_word(first, "table") && word_follows)
        parse_table(p, s);
    else if (mapping_parser_is_word(first, "empty") && word_follows)
        parse_empty(p, s);
    else if (mapping_parser_is_word(first, "exclude") || mapping_parser_is_word(first, "include"))
        parse_condition(p, s);
    else if (first->kind == TOKEN_WORD)
        parse_rule(p, s);
    else
        mapping_parser_expected(p, "a field, table, empty, exclude or include");
    if (!p->failed && p->t->kind != TOKEN_LINE)
        mapping_parser_expected(p, "the end of the statement");
}

/* What was left out while making tokens is a finding already, and the likely cause of this one. */
static void recover(struct mapping_parser *p) {
    while (p->t->kind != TOKEN_LINE)
        p->t++;
    if (p->t->number == 0)
        mapping_report(p->report, MAPPING_ERROR, p->code, p->where, p->suggestion, "%s",
                       p->sentence);
}

void mapping_parse_tokens(struct mapping_syntax *s, const struct mapping_token *tokens,
                          bool is_default, struct mapping_report *r) {
    struct mapping_parser p = { .syntax = s, .report = r, .t = tokens, .is_default = is_default };
    size_t before = s->statements_n;
    for (; p.t->kind != TOKEN_STOP; p.t++) { /* each statement ends at its TOKEN_LINE */
        if (s->statements_n - before == MAPPING_STATEMENTS_MAX) {
            mapping_report(r, MAPPING_ERROR, "too-many-statements", p.t->span, NULL,
                           "a mapping has at most %d statements", MAPPING_STATEMENTS_MAX);
            return;
        }
        struct mapping_statement *statement = &s->statements[s->statements_n];
        p.failed = false;
        p.depth = 0;
        parse_statement(&p, statement);
        if (p.failed)
            recover(&p);
        statement->broken = p.failed;
        if (!p.failed || (statement->kind == STATEMENT_TABLE && statement->rows != NULL))
            s->statements_n++; /* who looks something up in a table meant this one */
    }
}
