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

#include "people/mapping_p.h"

struct parser {
    struct mapping_syntax *syntax;
    struct mapping_report *report;
    const struct mapping_token *t; /* the next one */
    unsigned depth;
    bool is_default;
    bool failed; /* in this statement; then what follows is the first reason */
    const char *code, *sentence, *suggestion;
    struct mapping_span where;
};

void mapping_syntax_init(struct mapping_syntax *s, struct arena *a, size_t tokens_n) {
    *s = (struct mapping_syntax){ .nodes_max = (uint32_t)(2 * tokens_n + 16) };
    s->nodes = ARENA_NEW(a, struct mapping_node, s->nodes_max);
    s->statements = ARENA_NEW(a, struct mapping_statement, 2 * MAPPING_STATEMENTS_MAX);
}

uint32_t mapping_node_new(struct mapping_syntax *s, enum mapping_op op, struct mapping_span span) {
    if (s->nodes_n == s->nodes_max)
        rc_die("mapping: more nodes than tokens allow");
    s->nodes[s->nodes_n] = (struct mapping_node){
        .op = (uint8_t)op, .first = NODE_NONE, .next = NODE_NONE, .span = span
    };
    return s->nodes_n++;
}

/* Children of one node, appended one after the other. */
struct family {
    uint32_t parent, last;
};

static void adopt(struct parser *p, struct family *f, uint32_t child) {
    struct mapping_node *nodes = p->syntax->nodes, *parent = &nodes[f->parent];
    if (child == NODE_NONE)
        return;
    if (parent->children_n++ == 0)
        parent->first = child;
    else
        nodes[f->last].next = child;
    f->last = child;
    uint32_t end = nodes[child].span.at + nodes[child].span.len;
    if (nodes[child].span.at < parent->span.at) {
        parent->span.len += parent->span.at - nodes[child].span.at;
        parent->span.at = nodes[child].span.at;
    }
    if (end > parent->span.at + parent->span.len)
        parent->span.len = end - parent->span.at;
}

static struct family family_new(struct parser *p, enum mapping_op op, struct mapping_span span) {
    return (struct family){ mapping_node_new(p->syntax, op, span), NODE_NONE };
}

/* ---- what is next ---- */

static bool is_mark(const struct mapping_token *t, unsigned a, unsigned b) {
    return t->kind == TOKEN_MARK && t->mark == MAPPING_MARK(a, b);
}

static bool is_word(const struct mapping_token *t, const char *word) {
    return t->kind == TOKEN_WORD && text_is(t->text, word);
}

static bool take_mark(struct parser *p, unsigned c) {
    bool is = is_mark(p->t, 0, c);
    p->t += is;
    return is;
}

static bool take_word(struct parser *p, const char *word) {
    bool is = is_word(p->t, word);
    p->t += is;
    return is;
}

static uint32_t fail(struct parser *p, const char *code, struct mapping_span where,
                     const char *suggestion, const char *sentence) {
    if (!p->failed) {
        p->failed = true;
        p->code = code;
        p->where = where;
        p->suggestion = suggestion;
        p->sentence = sentence;
    }
    return NODE_NONE;
}

/* At the end of a line the finding is about what stands before. */
static struct mapping_span here(const struct parser *p) {
    return p->t->kind == TOKEN_LINE || p->t->kind == TOKEN_STOP ? p->t[-1].span : p->t->span;
}

static const char *shown(const struct parser *p) {
    const struct mapping_token *t = p->t;
    struct text source = p->report->source;
    if (t->kind == TOKEN_LINE || t->kind == TOKEN_STOP)
        return "the statement ends";
    return arena_printf(p->report->arena, "there is %.*s", t->span.len > 40 ? 40 : (int)t->span.len,
                        source.ptr + t->span.at);
}

/* What was probably meant by a token that cannot stand here. */
static const char *guess(const struct mapping_token *t) {
    static const char *const words[] = { "and",  "or",   "not",  "in",      "if",
                                         "then", "else", "when", "because", NULL };
    if (is_mark(t, 0, '='))
        return "==";
    if (t->kind == TOKEN_WORD)
        for (size_t i = 0; words[i] != NULL; i++) {
            bool same = strlen(words[i]) == t->text.len && !text_is(t->text, words[i]);
            for (size_t k = 0; same && k < t->text.len; k++)
                same = (t->text.ptr[k] | 0x20) == words[i][k];
            if (same)
                return words[i];
        }
    return NULL;
}

static uint32_t expected(struct parser *p, const char *what) {
    if (p->failed)
        return NODE_NONE;
    return fail(p, "unexpected", here(p), guess(p->t),
                arena_printf(p->report->arena, "here should be %s, and %s", what, shown(p)));
}

/* ---- values ---- */

static uint32_t parse_value(struct parser *p);

static bool is_reserved(const struct mapping_token *t) {
    static const char *const words[] = { "if",  "then", "else", "and",     "or",
                                         "not", "in",   "when", "because", NULL };
    for (size_t i = 0; words[i] != NULL; i++)
        if (is_word(t, words[i]))
            return true;
    return false;
}

static bool go_deeper(struct parser *p) {
    if (++p->depth <= MAPPING_NESTING_MAX)
        return true;
    fail(p, "too-deep", here(p), NULL,
         arena_printf(p->report->arena, "brackets and ifs stand within each other at most %d times",
                      MAPPING_NESTING_MAX));
    return false;
}

/* value { "," value }, and the bracket that closes. A comma may stand before it. */
static void parse_items(struct parser *p, struct family *f, unsigned closes,
                        struct mapping_span opened) {
    struct mapping_node *parent;
    while (!p->failed && !is_mark(p->t, 0, closes) && p->t->kind != TOKEN_LINE) {
        adopt(p, f, parse_value(p));
        if (p->failed || !take_mark(p, ','))
            break;
    }
    if (p->failed)
        return;
    if (p->t->kind == TOKEN_LINE) {
        fail(p, "unclosed-bracket", opened, NULL,
             arena_printf(p->report->arena, "the bracket that opens here is never closed by %c",
                          (char)closes));
        return;
    }
    parent = &p->syntax->nodes[f->parent];
    parent->span.len = p->t->span.at + p->t->span.len - parent->span.at;
    if (!take_mark(p, closes))
        expected(p, closes == ')' ? "a comma or )" : "a comma or ]");
}

static uint32_t parse_word(struct parser *p) {
    const struct mapping_token *t = p->t++;
    if (is_mark(p->t, 0, '(')) {
        struct family call = family_new(p, OP_CALL, t->span);
        struct mapping_span opened = p->t++->span;
        p->syntax->nodes[call.parent].text = t->text;
        if (go_deeper(p))
            parse_items(p, &call, ')', opened);
        p->depth--;
        return call.parent;
    }
    struct family word = family_new(p, OP_WORD, t->span);
    p->syntax->nodes[word.parent].text = t->text;
    if (take_mark(p, '.')) {
        if (p->t->kind != TOKEN_WORD)
            return expected(p, "name or id");
        uint32_t part = mapping_node_new(p->syntax, OP_WORD, p->t->span);
        p->syntax->nodes[part].text = p->t++->text;
        adopt(p, &word, part);
    }
    return word.parent;
}

static uint32_t parse_if(struct parser *p) {
    struct family f = family_new(p, OP_IF, p->t++->span);
    bool more = go_deeper(p), ends = false;
    while (more && !p->failed) {
        adopt(p, &f, parse_value(p));
        if (!p->failed && !take_word(p, "then"))
            expected(p, "then");
        if (!p->failed)
            adopt(p, &f, parse_value(p));
        ends = !p->failed && take_word(p, "else");
        more = ends && take_word(p, "if");
    }
    if (ends && !p->failed) {
        adopt(p, &f, parse_value(p));
    } else if (!p->failed) { /* without an else: empty */
        uint32_t nothing = mapping_node_new(p->syntax, OP_CONST, p->t[-1].span);
        p->syntax->nodes[nothing].text = TEXT_NONE;
        p->syntax->nodes[nothing].type = TYPE_NOTHING;
        adopt(p, &f, nothing);
    }
    p->depth--;
    return f.parent;
}

static uint32_t parse_constant(struct parser *p) {
    const struct mapping_token *t = p->t++;
    enum mapping_op op = t->kind == TOKEN_NUMBER ? OP_NUMBER : OP_CONST;
    uint32_t n = mapping_node_new(p->syntax, op, t->span);
    struct mapping_node *node = &p->syntax->nodes[n];
    node->text = t->text;
    node->number = t->number;
    node->type = t->kind == TOKEN_NUMBER         ? TYPE_NUMBER
                 : t->kind == TOKEN_DATE         ? TYPE_DATE
                 : t->text.state == TEXT_EMPTY   ? TYPE_NOTHING
                 : t->text.state == TEXT_MISSING ? TYPE_NONE /* a finding already */
                                                 : TYPE_TEXT;
    node->blank_ends =
        t->text.state == TEXT_SET && (t->text.ptr[0] == ' ' || t->text.ptr[t->text.len - 1] == ' ');
    return n;
}

static uint32_t parse_brackets(struct parser *p) {
    struct mapping_span opened = p->t++->span;
    uint32_t n = go_deeper(p) ? parse_value(p) : NODE_NONE;
    p->depth--;
    if (p->failed)
        return NODE_NONE;
    if (p->t->kind == TOKEN_LINE)
        return fail(p, "unclosed-bracket", opened, NULL,
                    "the bracket that opens here is never closed by )");
    return take_mark(p, ')') ? n : expected(p, ")");
}

static uint32_t parse_primary(struct parser *p) {
    switch (p->t->kind) {
    case TOKEN_TEXT:
    case TOKEN_DATE:
    case TOKEN_NUMBER: return parse_constant(p);
    case TOKEN_WORD:
        if (is_word(p->t, "if"))
            return fail(p, "unexpected", here(p), "(if ... )",
                        "an if that is a part of something larger stands in brackets");
        if (!is_reserved(p->t))
            return parse_word(p);
        break;
    case TOKEN_MARK:
        if (is_mark(p->t, 0, '('))
            return parse_brackets(p);
        if (is_mark(p->t, 0, '[')) {
            struct family list = family_new(p, OP_LIST, p->t->span);
            struct mapping_span opened = p->t++->span;
            if (go_deeper(p))
                parse_items(p, &list, ']', opened);
            p->depth--;
            return list.parent;
        }
        break;
    case TOKEN_LINE:
    case TOKEN_STOP: break;
    }
    return expected(p, "a value");
}

/* one { between one }: a node of its own when there are several, with all of them below it. */
static uint32_t parse_chain(struct parser *p, enum mapping_op op, uint32_t (*one)(struct parser *),
                            bool (*between)(struct parser *)) {
    uint32_t first = one(p);
    if (p->failed || !between(p))
        return first;
    struct family f = family_new(p, op, p->syntax->nodes[first].span);
    adopt(p, &f, first);
    do
        adopt(p, &f, one(p));
    while (!p->failed && between(p));
    return f.parent;
}

static bool take_plus(struct parser *p) {
    return take_mark(p, '+');
}

static bool take_question(struct parser *p) {
    bool is = is_mark(p->t, '?', '?');
    p->t += is;
    return is;
}

static bool take_and(struct parser *p) {
    return take_word(p, "and");
}

static bool take_or(struct parser *p) {
    return take_word(p, "or");
}

static uint32_t parse_sum(struct parser *p) {
    return parse_chain(p, OP_SUM, parse_primary, take_plus);
}

static uint32_t parse_else(struct parser *p) {
    return parse_chain(p, OP_ELSE, parse_sum, take_question);
}

static uint32_t parse_in(struct parser *p, uint32_t value) {
    struct family f = family_new(p, OP_IN, p->syntax->nodes[value].span);
    adopt(p, &f, value);
    struct mapping_span opened = p->t->span;
    if (!take_mark(p, '['))
        return expected(p, "[ and a list");
    if (go_deeper(p))
        parse_items(p, &f, ']', opened);
    p->depth--;
    return f.parent;
}

static uint32_t parse_not_of(struct parser *p, uint32_t child, struct mapping_span span) {
    struct family f = family_new(p, OP_NOT, span);
    adopt(p, &f, child);
    return f.parent;
}

static uint32_t parse_comparison(struct parser *p) {
    static const struct {
        unsigned mark;
        enum mapping_op op;
    } marks[] = {
        { MAPPING_MARK('=', '='), OP_EQUAL }, { MAPPING_MARK('!', '='), OP_UNEQUAL },
        { MAPPING_MARK(0, '<'), OP_LESS },    { MAPPING_MARK('<', '='), OP_LESS_EQUAL },
        { MAPPING_MARK(0, '>'), OP_GREATER }, { MAPPING_MARK('>', '='), OP_GREATER_EQUAL },
    };
    uint32_t left = parse_else(p);
    if (p->failed)
        return NODE_NONE;
    if (is_word(p->t, "not") && is_word(p->t + 1, "in")) {
        struct mapping_span span = p->syntax->nodes[left].span;
        p->t += 2;
        return parse_not_of(p, parse_in(p, left), span);
    }
    if (take_word(p, "in"))
        return parse_in(p, left);
    for (size_t i = 0; p->t->kind == TOKEN_MARK && i < sizeof marks / sizeof *marks; i++)
        if (p->t->mark == marks[i].mark) {
            struct family f = family_new(p, marks[i].op, p->syntax->nodes[left].span);
            p->t++;
            adopt(p, &f, left);
            adopt(p, &f, parse_else(p));
            return f.parent;
        }
    return left;
}

static uint32_t parse_not(struct parser *p) {
    struct mapping_span span = p->t->span;
    if (!take_word(p, "not"))
        return parse_comparison(p);
    uint32_t child = go_deeper(p) ? parse_not(p) : NODE_NONE;
    p->depth--;
    return parse_not_of(p, child, span);
}

static uint32_t parse_and(struct parser *p) {
    return parse_chain(p, OP_AND, parse_not, take_and);
}

static uint32_t parse_value(struct parser *p) {
    if (is_word(p->t, "if"))
        return parse_if(p);
    return parse_chain(p, OP_OR, parse_and, take_or);
}

/* ---- statements ---- */

static void parse_target(struct parser *p, struct mapping_statement *s) {
    if (p->t->kind != TOKEN_WORD) {
        expected(p, "the name of a field");
        return;
    }
    s->span = p->t->span;
    s->name = p->t++->text;
    if (!take_mark(p, '.'))
        return;
    s->custom = true;
    if (!text_is(s->name, "custom")) {
        fail(p, "unexpected", s->span, "custom",
             "only fields of one's own have a dot in their name: custom.NAME");
        return;
    }
    if (p->t->kind != TOKEN_WORD && p->t->kind != TOKEN_TEXT) {
        expected(p, "the name of the custom field");
        return;
    }
    s->span.len = p->t->span.at + p->t->span.len - s->span.at;
    s->name = p->t++->text;
}

static void parse_rule(struct parser *p, struct mapping_statement *s) {
    parse_target(p, s);
    if (!p->failed && !take_mark(p, '=')) {
        if (is_mark(p->t, '=', '='))
            fail(p, "unexpected", here(p), "=", "one = stands between a field and its rule");
        else
            expected(p, "=");
    }
    if (p->failed)
        return;
    if (is_word(p->t, "unmapped") && p->t[1].kind == TOKEN_LINE) {
        s->unmapped = true;
        p->t++;
        return;
    }
    s->root = parse_value(p);
}

static void parse_empty(struct parser *p, struct mapping_statement *s) {
    s->kind = STATEMENT_EMPTY;
    p->t++;
    parse_target(p, s);
    if (!p->failed && !take_mark(p, '='))
        expected(p, "=");
    if (p->failed)
        return;
    s->keeps = is_word(p->t, "keep");
    if (!take_word(p, "keep") && !take_word(p, "clear"))
        expected(p, "keep or clear");
}

static bool on_one_line(const struct parser *p) {
    uint32_t from = p->t[-1].span.at + p->t[-1].span.len;
    return memchr(p->report->source.ptr + from, '\n', p->t->span.at - from) == NULL;
}

static bool parse_row(struct parser *p, struct mapping_row *ret) {
    ret->span = p->t->span;
    if (p->t->kind != TOKEN_TEXT)
        return expected(p, "a text, or } to close the table"), false;
    ret->key = p->t++->text;
    if (!take_mark(p, '='))
        return expected(p, "="), false;
    if (p->t->kind != TOKEN_TEXT)
        return expected(p, "a text"), false;
    ret->span.len = p->t->span.at + p->t->span.len - ret->span.at;
    ret->value = p->t++->text;
    return true;
}

static void parse_table(struct parser *p, struct mapping_statement *s) {
    s->kind = STATEMENT_TABLE;
    p->t++;
    s->span = p->t->span;
    s->name = p->t++->text;
    struct mapping_span opened = p->t->span;
    if (!take_mark(p, '{')) {
        expected(p, "{");
        return;
    }
    size_t rows_most = 0;
    for (const struct mapping_token *t = p->t; t->kind != TOKEN_LINE && t->kind != TOKEN_STOP; t++)
        rows_most += t->kind == TOKEN_TEXT;
    s->rows = ARENA_NEW(p->report->arena, struct mapping_row, rows_most / 2 + 1);
    while (!p->failed && p->t->kind != TOKEN_LINE && !is_mark(p->t, 0, '}')) {
        if (!parse_row(p, &s->rows[s->rows_n]))
            return;
        if (s->rows_n++ == MAPPING_ROWS_MAX) {
            fail(p, "too-many-rows", s->rows[s->rows_n - 1].span, NULL,
                 arena_printf(p->report->arena, "a table has at most %d rows", MAPPING_ROWS_MAX));
            return;
        }
        if (!take_mark(p, ',') && !is_mark(p->t, 0, '}') && p->t->kind != TOKEN_LINE &&
            on_one_line(p))
            expected(p, "a comma or a new line");
    }
    if (!p->failed && !take_mark(p, '}'))
        fail(p, "unclosed-bracket", opened, NULL,
             "the bracket that opens here is never closed by }");
}

static void parse_condition(struct parser *p, struct mapping_statement *s) {
    s->kind = STATEMENT_CONDITION;
    s->includes = is_word(p->t, "include");
    s->span = p->t++->span;
    if (!take_word(p, "when")) {
        expected(p, "when");
        return;
    }
    s->root = parse_value(p);
    if (p->failed || !take_word(p, "because"))
        return;
    if (p->t->kind != TOKEN_TEXT) {
        expected(p, "a text that says why");
        return;
    }
    s->because = p->t++->text;
}

static void parse_statement(struct parser *p, struct mapping_statement *s) {
    const struct mapping_token *first = p->t, *second = p->t + 1;
    bool word_follows = second->kind == TOKEN_WORD;
    *s = (struct mapping_statement){ .is_default = p->is_default,
                                     .span = first->span,
                                     .root = NODE_NONE };
    if (is_word(first, "table") && word_follows)
        parse_table(p, s);
    else if (is_word(first, "empty") && word_follows)
        parse_empty(p, s);
    else if (is_word(first, "exclude") || is_word(first, "include"))
        parse_condition(p, s);
    else if (first->kind == TOKEN_WORD)
        parse_rule(p, s);
    else
        expected(p, "a field, table, empty, exclude or include");
    if (!p->failed && p->t->kind != TOKEN_LINE)
        expected(p, "the end of the statement");
}

/* What was left out while making tokens is a finding already, and the likely cause of this one. */
static void recover(struct parser *p) {
    while (p->t->kind != TOKEN_LINE)
        p->t++;
    if (p->t->number == 0)
        mapping_report(p->report, MAPPING_ERROR, p->code, p->where, p->suggestion, "%s",
                       p->sentence);
}

void mapping_parse_tokens(struct mapping_syntax *s, const struct mapping_token *tokens,
                          bool is_default, struct mapping_report *r) {
    struct parser p = { .syntax = s, .report = r, .t = tokens, .is_default = is_default };
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
        else
            s->statements_n++;
    }
}
