/* mapping_p.h - the parts of the mapping among themselves.
 *
 * Shape:  mapping_lex.c makes tokens of a text and mapping_parse.c statements and nodes of tokens;
 *         mapping_check.c looks names up, gives every node a type and computes what is constant;
 *         mapping.c puts all of it together. mapping_eval.c walks nodes for one employee, with the
 *         functions of mapping_function.c. mapping_word.c knows every name, mapping_print.c goes
 *         back to text.
 * Memory: all of it in the arena of mapping_parse(). Nodes refer to each other by number. */
#pragma once
#include "people/mapping.h"

/* ---- findings (mapping_finding.c) ---- */

/* Where something stands in the text, in bytes. */
struct mapping_span {
    uint32_t at, len;
};
struct mapping_report {
    struct text source;
    struct arena *arena;
    struct mapping_findings *findings;
};
/* The sentence is formatted into the arena. suggestion may be NULL. */
void mapping_report(struct mapping_report *r, enum mapping_severity severity, const char *code,
                    struct mapping_span where, const char *suggestion, const char *fmt, ...)
    RC_PRINTF(6, 7);
void mapping_vreport(struct mapping_report *r, enum mapping_severity severity, const char *code,
                     struct mapping_span where, const char *suggestion, const char *fmt,
                     va_list args) RC_PRINTF(6, 0);
void mapping_report_sort(struct mapping_findings *f);
const char *mapping_report_code(size_t index); /* every code there is; NULL behind the last */
bool mapping_report_is_code(const char *code);
bool mapping_report_is_full(const struct mapping_report *r); /* nothing more will be listed */
/* The beginning of what somebody wrote, for a sentence: at most 60 bytes, whole characters. */
struct text mapping_report_quoted(struct text t);
uint32_t mapping_line_of(struct text source, uint32_t at); /* from 1 */

/* ---- tokens (mapping_lex.c) ---- */

enum mapping_token_kind {
    TOKEN_STOP, /* the end of the text */
    TOKEN_LINE, /* the end of a statement; number 1: something in it could not be read */
    TOKEN_WORD,
    TOKEN_TEXT,   /* "..." without its quotes; missing: it has a finding already */
    TOKEN_NUMBER, /* 7, -7 */
    TOKEN_DATE,   /* 2026-11-23 */
    TOKEN_MARK,   /* an operator or bracket: its characters are in `mark` */
};
#define MAPPING_MARK(a, b) ((unsigned)(a) << 8 | (unsigned)(b))
struct mapping_token {
    enum mapping_token_kind kind;
    unsigned mark; /* MAPPING_MARK(0, '=') ... MAPPING_MARK('?', '?') */
    struct mapping_span span;
    struct text text; /* of words, texts and dates */
    int32_t number;
};
/* The tokens of a text, a TOKEN_STOP last, each statement followed by a TOKEN_LINE. What cannot be
 * read is reported. */
struct mapping_token *mapping_lex(struct mapping_report *r, size_t *ret_n);
/* A constant: clean as HR's values are, except that blanks at its ends stay, for joining. False: too
 * long, or with control characters. */
bool mapping_lex_clean(struct arena *a, const char *bytes, size_t len, struct text *ret);

/* ---- nodes ---- */

enum mapping_type {
    TYPE_NONE = 0, /* not known, because it has an error */
    TYPE_NOTHING,  /* "": fits every type but a condition */
    TYPE_TEXT,
    TYPE_DATE,
    TYPE_GROUP,
    TYPE_PERSON,
    TYPE_LIST, /* of groups */
    TYPE_CONDITION,
    TYPE_NUMBER, /* only as written, in arguments */
    TYPE_TABLE,  /* likewise */
};
enum mapping_op {
    OP_CONST, /* text; as a condition: number is its enum mapping_truth */
    OP_NUMBER,
    OP_TABLE, /* number: index into mapping.tables */
    OP_WORD,  /* until looked up: text is the name, a part behind a dot is the child */
    OP_FIELD, /* field: a group or person as such, or a text or date */
    OP_NAME,  /* field: the name of a group */
    OP_ID,    /* field: the id of a group or person */
    OP_SOURCE_ID,
    OP_CUSTOM,  /* number: index into mapping.reads.custom */
    OP_AS_NAME, /* the name of the group that its child makes */
    OP_LIST,
    OP_ELSE, /* a ?? b ?? c */
    OP_SUM,  /* a + b + c */
    OP_IF,   /* condition, value, condition, value, ... value */
    OP_AND,
    OP_OR,
    OP_NOT,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_IN,   /* a value, and constants in the order of their bytes */
    OP_CALL, /* field: index of the function; until looked up text is its name */
};
enum mapping_truth { TRUTH_NO = 0, TRUTH_YES, TRUTH_UNKNOWN };

#define NODE_NONE UINT32_MAX
struct mapping_node {
    uint8_t op, type;
    uint8_t field;                    /* enum employee_field, or the function */
    bool blank_ends;                  /* a constant that begins or ends with a blank */
    uint32_t children_n, first, next; /* NODE_NONE */
    int32_t number;
    struct mapping_span span;
    struct text text;
};

/* ---- statements (mapping_parse.c) ---- */

enum mapping_statement_kind {
    STATEMENT_RULE,
    STATEMENT_EMPTY,
    STATEMENT_TABLE,
    STATEMENT_CONDITION
};
struct mapping_row {
    struct text key, value;
    struct mapping_span span;
};
struct mapping_statement {
    enum mapping_statement_kind kind;
    bool is_default;          /* of mapping_default_text */
    bool custom;              /* rule, empty: the name is the key of a custom field */
    bool unmapped;            /* rule */
    bool keeps;               /* empty */
    bool includes;            /* condition */
    bool broken;              /* table: only its name counts */
    struct mapping_span span; /* of the name, or of the first word */
    struct text name;
    uint32_t root;            /* rule, condition */
    struct text because;      /* condition; missing: nobody said */
    struct mapping_row *rows; /* table, in the order of the text */
    size_t rows_n;
};
/* The default's statements and those of a text, on one pile of nodes. */
struct mapping_syntax {
    struct mapping_statement *statements;
    size_t statements_n;
    struct mapping_node *nodes;
    uint32_t nodes_n, nodes_max;
};
/* Makes room for the nodes of so many tokens, and for as many that are wrapped around them. */
void mapping_syntax_init(struct mapping_syntax *s, struct arena *a, size_t tokens_n);
uint32_t mapping_node_new(struct mapping_syntax *s, enum mapping_op op, struct mapping_span span);
void mapping_parse_tokens(struct mapping_syntax *s, const struct mapping_token *tokens,
                          bool is_default, struct mapping_report *r);

/* ---- names (mapping_word.c) ---- */

struct mapping_run;
struct mapping_value;
enum mapping_argument { ARG_TEXT = 1, ARG_DATE, ARG_NUMBER, ARG_TABLE, ARG_ANY, ARG_KIND };
struct mapping_function {
    const char *name, *usage; /* "left(text, 3)" */
    enum mapping_type result;
    unsigned least, most;          /* arguments */
    enum mapping_argument args[3]; /* the last one for all that follow */
    bool takes_empty;              /* else an empty first argument gives empty, or no */
    int cleans;                    /* the argument whose blanks at the ends do not count; -1 none */
    void (*call)(struct mapping_run *r, const struct mapping_node *n, struct mapping_value *args,
                 struct mapping_value *ret);
};
enum { MAPPING_ARGUMENTS_MAX = 16 };
const struct mapping_function *mapping_function_at(unsigned index); /* NULL behind the last */
int mapping_function_find(struct text name);                        /* the index; -1 none */
int mapping_attribute_find(struct text name);       /* EMPLOYEE_FIELDS_N is the id; -1 none */
int mapping_field_find(struct text name);           /* a user field that a rule may fill; -1 none */
const char *mapping_type_name(enum mapping_type t); /* "a text" */

/* The nearest of the words offered, by the number of slips between it and what was written. */
struct mapping_guess {
    struct text written;
    struct text best; /* missing: none is near */
    unsigned slips;
};
void mapping_guess_begin(struct mapping_guess *g, struct text written,
                         const struct mapping_report *r); /* once r is full nobody guesses */
/* A word, and what to write when it was meant. */
void mapping_guess_offer(struct mapping_guess *g, struct text word, struct text meaning);
/* Names, and what other systems call them: "position" is job_title, "nothing" unmapped. */
void mapping_guess_attributes(struct mapping_guess *g);
void mapping_guess_functions(struct mapping_guess *g);
void mapping_guess_fields(struct mapping_guess *g);
const char *mapping_guess_end(struct mapping_guess *g, struct arena *a); /* NULL: none */

/* ---- checking (mapping_check.c) ---- */

struct mapping_table {
    struct text name;
    struct mapping_row *rows; /* by key */
    size_t rows_n;
    struct mapping_span span;
    bool used, broken;
};
struct mapping_check {
    struct mapping_syntax *syntax;
    struct mapping_report *report;
    const struct mapping_catalogue *catalogue; /* may be NULL */
    struct mapping_table *tables;
    size_t tables_n;
    struct text keys[MAPPING_CUSTOM_MAX]; /* of custom attributes, as they are met */
    size_t keys_n;
    struct mapping *mapping; /* as far as it is: for computing what is constant */
};
/* Looks all names below the node up and checks that it gives what is wanted, which may take a node
 * around it. TYPE_NONE: it does not, and that is reported. */
enum mapping_type mapping_check_value(struct mapping_check *c, uint32_t n, enum mapping_type want);
/* As a custom field takes it: a text, a date or the name of a group. */
enum mapping_type mapping_check_shown(struct mapping_check *c, uint32_t n);
/* A condition; ret_truth is TRUTH_UNKNOWN unless it is constant. */
enum mapping_type mapping_check_condition(struct mapping_check *c, uint32_t n,
                                          enum mapping_truth *ret_truth);
/* What the value may come from, for a field that takes only some words. */
void mapping_check_words(struct mapping_check *c, uint32_t n, bool (*fits)(struct text),
                         const char *code, const char *what);

/* ---- what a mapping is made of (mapping.c) ---- */

enum mapping_how {
    RULE_NONE = 0, /* never filled */
    RULE_COPY,     /* `field` as it is: the common case, without a walk over nodes */
    RULE_NODES,
};
struct mapping_rule {
    const char *name;   /* "language", "custom.badge" */
    struct text key;    /* of a custom field */
    uint8_t how, field; /* enum mapping_how, enum employee_field */
    uint8_t empty;      /* enum mapping_empty */
    bool is_default;    /* nobody wrote it */
    uint32_t root, line;
    uint32_t reads_fields, reads_custom; /* bits */
};
struct mapping_condition {
    bool includes;
    uint32_t root, line;
    struct text because; /* as written; missing: nobody said */
    struct text reason;  /* what the user is told */
};
struct mapping {
    struct mapping_node *nodes;
    uint32_t nodes_n;
    struct mapping_rule rules[USER_FIELDS_N]; /* by user field */
    struct mapping_rule *custom;              /* by key */
    size_t custom_n;
    struct mapping_condition *conditions; /* in the order of the text */
    size_t conditions_n;
    struct mapping_table *tables;
    size_t tables_n;
    struct employee_reads reads;
    uint64_t fingerprint;
};

bool mapping_is_language(struct text t); /* by its shape: "de", "pt-BR" */

/* ---- for one person (mapping_eval.c) ---- */

struct mapping_value {
    struct text text; /* the text or date; a group's name; a person's id; a list: its state */
    struct text id;   /* of a group */
    const char *kind; /* of a group */
    const struct mapping_value *items; /* of a list: only those set */
    uint32_t items_n;
    enum mapping_truth truth; /* of a condition */
    bool made;                /* a text put together here: not cleaned yet */
};
struct mapping_trace;
struct mapping_run {
    const struct mapping *mapping;
    const struct employee *employee;
    struct arena *arena;
    uint64_t problems; /* bits of enum problem */
    bool keeps;        /* as in the outcome */
    size_t made_bytes;
    struct mapping_trace *trace; /* NULL: nobody asks how */
};
void mapping_eval(struct mapping_run *r, uint32_t node, struct mapping_value *ret);
enum text_state mapping_value_state(const struct mapping_value *v); /* of any but a condition */
/* As every other value is: trimmed, NFC, within EMPLOYEE_TEXT_BYTES; else missing and a problem. */
void mapping_value_clean(struct mapping_run *r, struct mapping_value *v);
/* Room for a text that is being made; NULL over the limits, which is a problem of the person. */
char *mapping_run_room(struct mapping_run *r, size_t len);

/* ---- how it came (mapping_explain.c) ---- */

void mapping_trace_begin(struct mapping_run *r, const char *target, uint32_t root, uint32_t line);
void mapping_trace_read(struct mapping_run *r, const struct mapping_node *n, struct text value);
void mapping_trace_end(struct mapping_run *r, struct text result, enum mapping_why why);
/* mapping_build.c: with a trace or without. */
void mapping_build_run(struct mapping_run *r, const struct user *known, struct user *ret,
                       struct mapping_outcome *ret_outcome);

/* ---- back to text (mapping_print.c) ---- */

void mapping_print_value(const struct mapping *m, uint32_t node, struct buf *ret);
void mapping_print_table(const struct mapping_table *t, struct buf *ret);
uint64_t mapping_print_hash(const struct mapping *m);
