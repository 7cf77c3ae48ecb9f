/* mapping_check_p.h - the parts of checking among themselves: mapping_check.c (types, constants, all
 * operators by what they are), mapping_check_name.c (names and calls), mapping_check_operator.c.
 *
 * Every mapping_check_X() of an operator looks below its node, gives it a type and returns that;
 * TYPE_NONE when something below is wrong, which is reported then. Each node is looked at once. */
#pragma once
#include "people/mapping_p.h"

static inline struct mapping_node *mapping_check_node(const struct mapping_check *c, uint32_t n) {
    return &c->syntax->nodes[n];
}

static inline bool mapping_check_is_constant(const struct mapping_check *c, uint32_t n) {
    return mapping_check_node(c, n)->op == OP_CONST;
}

/* Reports at n, and gives TYPE_NONE. */
enum mapping_type mapping_check_wrong(struct mapping_check *c, uint32_t n, const char *code,
                                      const char *suggestion, const char *fmt, ...) RC_PRINTF(5, 6);
void mapping_check_warn(struct mapping_check *c, uint32_t n, const char *code,
                        const char *sentence);

/* n takes over what another node is, and keeps its place among its siblings. */
void mapping_check_become(struct mapping_check *c, uint32_t n, uint32_t other);
void mapping_check_become_truth(struct mapping_check *c, uint32_t n, enum mapping_truth truth);
/* Gives n its type and, when nothing below depends on a person, its value. */
enum mapping_type mapping_check_fold(struct mapping_check *c, uint32_t n, enum mapping_type type);

enum mapping_type mapping_check_any(struct mapping_check *c, uint32_t n);
/* Gives n, which has a type, the one that is wanted, or says why not. */
enum mapping_type mapping_check_want(struct mapping_check *c, uint32_t n, enum mapping_type have,
                                     enum mapping_type want);
enum mapping_type mapping_check_as(struct mapping_check *c, uint32_t n, enum mapping_type want);

/* Several values that have to be of one type, one after the other. */
struct mapping_kin {
    enum mapping_type type; /* TYPE_NONE once something below has an error */
    bool begun;
    bool compares; /* what has no order and no text does not fit */
};

void mapping_check_kin(struct mapping_check *c, struct mapping_kin *k, uint32_t n);

enum mapping_type mapping_check_word(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_call(struct mapping_check *c, uint32_t n);

enum mapping_type mapping_check_list(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_sum(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_else(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_if(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_logic(struct mapping_check *c, uint32_t n); /* and, or */
enum mapping_type mapping_check_not(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_comparison(struct mapping_check *c, uint32_t n);
enum mapping_type mapping_check_in(struct mapping_check *c, uint32_t n);
