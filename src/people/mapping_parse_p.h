/* mapping_parse_p.h - the parser between its two files: mapping_statement.c (statements) and
 * mapping_parse.c (values). The first thing that is wrong in a statement is kept, and from then on
 * everything gives NODE_NONE or false. */
#pragma once
#include "people/mapping_p.h"

struct mapping_parser {
    struct mapping_syntax *syntax;
    struct mapping_report *report;
    const struct mapping_token *t; /* the next one */
    unsigned depth;
    bool is_default;
    bool failed; /* in this statement; then what follows is the first reason */
    const char *code, *sentence, *suggestion;
    struct mapping_span where;
};

uint32_t mapping_parser_value(struct mapping_parser *p);

bool mapping_parser_is_mark(const struct mapping_token *t, unsigned a, unsigned b);
bool mapping_parser_is_word(const struct mapping_token *t, const char *word);
bool mapping_parser_take_mark(struct mapping_parser *p, unsigned c);
bool mapping_parser_take_word(struct mapping_parser *p, const char *word);
/* Where the next token is; at the end of a statement what stands before. */
struct mapping_span mapping_parser_here(const struct mapping_parser *p);
/* Both give NODE_NONE. */
uint32_t mapping_parser_fail(struct mapping_parser *p, const char *code, struct mapping_span where,
                             const char *suggestion, const char *sentence);
uint32_t mapping_parser_expected(struct mapping_parser *p, const char *what);
