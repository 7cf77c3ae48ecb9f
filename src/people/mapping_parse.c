/* Tokens to the nodes of a value. */
#include <string.h>

#include "people/mapping_parse_p.h"

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

static void adopt(struct mapping_parser *p, struct family *f, uint32_t child) {
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

static struct family family_new(struct mapping_parser *p, enum mapping_op op,
                                struct mapping_span span) {
    return (struct family){ mapping_node_new(p->syntax, op, span), NODE_NONE };
}

/* ---- what is next ---- */

bool mapping_parser_is_mark(const struct mapping_token *t, unsigned a, unsigned b) {
    return t->kind == TOKEN_MARK && t->mark == MAPPING_MARK(a, b);
}

bool mapping_parser_is_word(const struct mapping_token *t, const char *word) {
    return t->kind == TOKEN_WORD && text_is(t->text, word);
}

bool mapping_parser_take_mark(struct mapping_parser *p, unsigned c) {
    bool is = mapping_parser_is_mark(p->t, 0, c);
    p->t += is;
    return is;
}

bool mapping_parser_take_word(struct mapping_parser *p, const char *word) {
    bool is = mapping_parser_is_word(p->t, word);
    p->t += is;
    return is;
}

uint32_t mapping_parser_fail(struct mapping_parser *p, const char *code, struct mapping_span where,
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
struct mapping_span mapping_parser_here(const struct mapping_parser *p) {
    return p->t->kind == TOKEN_LINE || p->t->kind == TOKEN_STOP ? p->t[-1].span : p->t->span;
}

static const char *shown(const struct mapping_parser *p) {
    const struct mapping_token *t = p->t;
    struct text source = p->report->source;
    if (t->kind == TOKEN_LINE || t->kind == TOKEN_STOP)
        return "the statement ends";
    const char *quote = t->kind == TOKEN_TEXT ? "" : "\"";
    uint32_t len = t->span.len;
    for (uint32_t i = 0; i < len; i++) /* a long one up to its fortieth character */
        if (i >= 40 && ((unsigned char)source.ptr[t->span.at + i] & 0xc0) != 0x80)
            len = i;
    return arena_printf(p->report->arena, "there is %s%.*s%s", quote, (int)len,
                        source.ptr + t->span.at, quote);
}

/* What was probably meant by a token that cannot stand here. */
static const char *guess(const struct mapping_token *t) {
    static const char *const words[] = { "and",  "or",   "not",  "in",      "if",
                                         "then", "else", "when", "because", NULL };
    if (mapping_parser_is_mark(t, 0, '='))
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

uint32_t mapping_parser_expected(struct mapping_parser *p, const char *what) {
    if (p->failed)
        return NODE_NONE;
    return mapping_parser_fail(
        p, "unexpected", mapping_parser_here(p), guess(p->t),
        arena_printf(p->report->arena, "here should be %s, and %s", what, shown(p)));
}

/* ---- values ---- */

static bool is_reserved(const struct mapping_token *t) {
    static const char *const words[] = { "if",  "then", "else", "and",     "or",
                                         "not", "in",   "when", "because", NULL };
    for (size_t i = 0; words[i] != NULL; i++)
        if (mapping_parser_is_word(t, words[i]))
            return true;
    return false;
}

static bool go_deeper(struct mapping_parser *p) {
    if (++p->depth <= MAPPING_NESTING_MAX)
        return true;
    mapping_parser_fail(p, "too-deep", mapping_parser_here(p), NULL,
                        arena_printf(p->report->arena,
                                     "brackets and ifs stand within each other at most %d times",
                                     MAPPING_NESTING_MAX));
    return false;
}

/* value { "," value }, and the bracket that closes. A comma may stand before it. */
static void parse_items(struct mapping_parser *p, struct family *f, unsigned closes,
                        struct mapping_span opened) {
    struct mapping_node *parent;
    while (!p->failed && !mapping_parser_is_mark(p->t, 0, closes) && p->t->kind != TOKEN_LINE) {
        adopt(p, f, mapping_parser_value(p));
        if (p->failed || !mapping_parser_take_mark(p, ','))
            break;
    }
    if (p->failed)
        return;
    if (p->t->kind == TOKEN_LINE) {
        mapping_parser_fail(p, "unclosed-bracket", opened, NULL,
                            arena_printf(p->report->arena,
                                         "the bracket that opens here is never closed by \"%c\"",
                                         (char)closes));
        return;
    }
    parent = &p->syntax->nodes[f->parent];
    parent->span.len = p->t->span.at + p->t->span.len - parent->span.at;
    if (!mapping_parser_take_mark(p, closes))
        mapping_parser_expected(p, closes == ')' ? "a comma or \")\"" : "a comma or \"]\"");
}

static uint32_t parse_word(struct mapping_parser *p) {
    const struct mapping_token *t = p->t++;
    if (mapping_parser_is_mark(p->t, 0, '(')) {
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
    if (mapping_parser_take_mark(p, '.')) {
        if (p->t->kind != TOKEN_WORD)
            return mapping_parser_expected(p, "\"name\" or \"id\"");
        uint32_t part = mapping_node_new(p->syntax, OP_WORD, p->t->span);
        p->syntax->nodes[part].text = p->t++->text;
        adopt(p, &word, part);
    }
    return word.parent;
}

static uint32_t parse_if(struct mapping_parser *p) {
    struct family f = family_new(p, OP_IF, p->t++->span);
    bool more = go_deeper(p), ends = false;
    while (more && !p->failed) {
        adopt(p, &f, mapping_parser_value(p));
        if (!p->failed && !mapping_parser_take_word(p, "then"))
            mapping_parser_expected(p, "\"then\"");
        if (!p->failed)
            adopt(p, &f, mapping_parser_value(p));
        ends = !p->failed && mapping_parser_take_word(p, "else");
        more = ends && mapping_parser_take_word(p, "if");
    }
    if (ends && !p->failed) {
        adopt(p, &f, mapping_parser_value(p));
    } else if (!p->failed) { /* without an else: empty */
        uint32_t nothing = mapping_node_new(p->syntax, OP_CONST, p->t[-1].span);
        p->syntax->nodes[nothing].text = TEXT_NONE;
        p->syntax->nodes[nothing].type = TYPE_NOTHING;
        adopt(p, &f, nothing);
    }
    p->depth--;
    return f.parent;
}

static uint32_t parse_constant(struct mapping_parser *p) {
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

static uint32_t parse_brackets(struct mapping_parser *p) {
    struct mapping_span opened = p->t++->span;
    uint32_t n = go_deeper(p) ? mapping_parser_value(p) : NODE_NONE;
    p->depth--;
    if (p->failed)
        return NODE_NONE;
    if (p->t->kind == TOKEN_LINE)
        return mapping_parser_fail(p, "unclosed-bracket", opened, NULL,
                                   "the bracket that opens here is never closed by \")\"");
    return mapping_parser_take_mark(p, ')') ? n : mapping_parser_expected(p, "\")\"");
}

static uint32_t parse_primary(struct mapping_parser *p) {
    switch (p->t->kind) {
    case TOKEN_TEXT:
    case TOKEN_DATE:
    case TOKEN_NUMBER: return parse_constant(p);
    case TOKEN_WORD:
        if (mapping_parser_is_word(p->t, "if"))
            return mapping_parser_fail(
                p, "unexpected", mapping_parser_here(p), "(if ... )",
                "an if that is a part of something larger stands in brackets");
        if (!is_reserved(p->t))
            return parse_word(p);
        break;
    case TOKEN_MARK:
        if (mapping_parser_is_mark(p->t, 0, '('))
            return parse_brackets(p);
        if (mapping_parser_is_mark(p->t, 0, '[')) {
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
    return mapping_parser_expected(p, "a value");
}

/* one { between one }: a node of its own when there are several, with all of them below it. */
static uint32_t parse_chain(struct mapping_parser *p, enum mapping_op op,
                            uint32_t (*one)(struct mapping_parser *),
                            bool (*between)(struct mapping_parser *)) {
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

static bool take_plus(struct mapping_parser *p) {
    return mapping_parser_take_mark(p, '+');
}

static bool take_question(struct mapping_parser *p) {
    bool is = mapping_parser_is_mark(p->t, '?', '?');
    p->t += is;
    return is;
}

static bool take_and(struct mapping_parser *p) {
    return mapping_parser_take_word(p, "and");
}

static bool take_or(struct mapping_parser *p) {
    return mapping_parser_take_word(p, "or");
}

static uint32_t parse_sum(struct mapping_parser *p) {
    return parse_chain(p, OP_SUM, parse_primary, take_plus);
}

static uint32_t parse_else(struct mapping_parser *p) {
    return parse_chain(p, OP_ELSE, parse_sum, take_question);
}

static uint32_t parse_in(struct mapping_parser *p, uint32_t value) {
    struct family f = family_new(p, OP_IN, p->syntax->nodes[value].span);
    adopt(p, &f, value);
    struct mapping_span opened = p->t->span;
    if (!mapping_parser_take_mark(p, '['))
        return mapping_parser_expected(p, "a list in [ ]");
    if (go_deeper(p))
        parse_items(p, &f, ']', opened);
    p->depth--;
    return f.parent;
}

static uint32_t parse_not_of(struct mapping_parser *p, uint32_t child, struct mapping_span span) {
    struct family f = family_new(p, OP_NOT, span);
    adopt(p, &f, child);
    return f.parent;
}

static uint32_t parse_comparison(struct mapping_parser *p) {
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
    if (mapping_parser_is_word(p->t, "not") && mapping_parser_is_word(p->t + 1, "in")) {
        struct mapping_span span = p->syntax->nodes[left].span;
        p->t += 2;
        return parse_not_of(p, parse_in(p, left), span);
    }
    if (mapping_parser_take_word(p, "in"))
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

static uint32_t parse_not(struct mapping_parser *p) {
    struct mapping_span span = p->t->span;
    if (!mapping_parser_take_word(p, "not"))
        return parse_comparison(p);
    uint32_t child = go_deeper(p) ? parse_not(p) : NODE_NONE;
    p->depth--;
    return parse_not_of(p, child, span);
}

static uint32_t parse_and(struct mapping_parser *p) {
    return parse_chain(p, OP_AND, parse_not, take_and);
}

uint32_t mapping_parser_value(struct mapping_parser *p) {
    if (mapping_parser_is_word(p->t, "if"))
        return parse_if(p);
    return parse_chain(p, OP_OR, parse_and, take_or);
}
