/* people.h - a person of the directory, opened for showing: shared by people.c and status.c. */
#pragma once
#include "cmd/cmd.h"
#include "people/lifecycle.h"
#include "show/why.h"
#include "store/directory.h"

enum rc_code people_reader_open(struct cmd *c, const struct company *co, struct show_reader *ret);
/* "First Last"; lives as long as c->words. */
struct text people_name(struct cmd *c, const struct user *u);
/* Texts live until the next view. listed_us: the integration's last applied full listing. */
enum rc_code people_view(struct cmd *c, struct show_reader *r, const struct person *p,
                         int64_t listed_us, struct show_view *ret);

/* " (Dock)", " (Mira Okafor)", to stand behind a key or an id; "" where there is nothing to say. The
 * second takes the place of the view. */
const char *people_team(struct cmd *c, const struct company *co, const struct person *p,
                        struct text key);
/* "department:9 (Dock), unit=Yard" */
struct text people_teams(struct cmd *c, const struct company *co, const struct person *p,
                         struct text teams);
const char *people_manager(struct cmd *c, const struct company *co, const struct person *p,
                           struct text id, struct show_reader *r);

/* A value as one text that can be shown: several teams with commas between them. */
struct text people_plain(struct cmd *c, struct text t);
/* "COMPANY/PERSON", by the id in HR or by e-mail: several may share an address. Nobody is an
 * answer: n 0. */
struct people_found {
    struct company company;
    const char *who; /* as typed */
    struct integration *integrations;
    struct person *people;
    size_t integrations_n, n;
};
enum rc_code people_find(struct cmd *c, const char *ref, struct people_found *ret);
const struct integration *people_integration(const struct people_found *f, int64_t integration_id);
enum rc_code people_nobody(struct cmd *c, const char *who); /* RC_NOT_FOUND "person.unknown" */

/* Everything that is held of one person, as one document on standard output (people_erase.c). */
enum cmd_exit people_export_one(struct cmd *c, const char *company, const char *who);

/* Their account on each platform. */
enum rc_code people_there(struct cmd *c, const struct company *co, const struct person *p,
                          struct show_there_of **ret, size_t *ret_n);
/* What was decided about each, what it waits for, and the last calls. */
void people_accounts(struct cmd *c, const struct company *co, const struct person *p,
                     const struct show_there_of *list, size_t n);
/* What it waits for, in words; missing: for nothing. */
struct text people_waits(struct cmd *c, const struct person *p, const struct show_there_of *t);
