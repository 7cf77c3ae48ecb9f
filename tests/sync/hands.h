/* hands.h - what people say of accounts by hand, on a company whose people are on a platform in memory
 * (tests/sync/delivers.h), and how time goes on after it. */
#pragma once
#include "sync/accounts.h"
#include "tests/sync/delivers.h"

/* With the platform as it is now; valid until the next one. */
struct accounts_context hands_context(struct delivers *d);
int64_t hands_user(struct delivers *d, const char *person);

enum rc_code hands_try_link(struct delivers *d, struct text id, const char *person, bool confirmed);
void hands_link(struct delivers *d, struct text id, const char *person); /* confirmed */
void hands_unlink(struct delivers *d, struct text id);
void hands_ignore(struct delivers *d, struct text id, bool is);
enum rc_code hands_try_answer(struct delivers *d, const char *person, enum accounts_answer answer);
void hands_answer(struct delivers *d, const char *person, enum accounts_answer answer);

/* The remote id of a person's account, by our external id, to be kept. */
struct text hands_id(struct delivers *d, const char *person);
const struct account *hands_there(struct delivers *d, struct text id);
/* Somebody whom HR does not know, with an invitation. */
struct text hands_stranger(struct delivers *d, const char *first_name, const char *last_name,
                           const char *email);
/* Person 8 has come, and so have two accounts of nobody: the one returned has their id and another name, *ret_other has
 * their name and another address. */
struct text hands_two_for_8(struct delivers *d, struct text *ret_other);
void hands_code_is(struct delivers *d, const char *person, const char *code);
/* "3 next-delivery": who left and can still sign in, and what each waits for. */
const char *hands_left(struct delivers *d);

/* The database is put back from a backup in which this row was so. */
void hands_put_back(struct delivers *d, struct account_row *row);
/* An hour later: so late that whoever is made is looked for first. */
struct run hands_hour(struct delivers *d);
struct run hands_day(struct delivers *d); /* with an import and an inventory */
