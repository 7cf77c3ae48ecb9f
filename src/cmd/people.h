/* people.h - a person of the directory, opened for showing: shared by people.c and status.c. */
#pragma once
#include "cmd/cmd.h"
#include "people/lifecycle.h"
#include "store/directory.h"

struct people_view {
    struct user user;
    enum lifecycle lifecycle;
    const char *rule;
};
struct people_reader {
    struct json_reader *json;
    struct zone *zone;
    date_days today;
    int64_t now_us;
};
enum rc_code people_reader_open(struct cmd *c, const struct company *co, struct people_reader *ret);
void people_reader_close(struct people_reader *r);
/* Texts live until the next view. listed_us: the integration's last applied full listing. */
enum rc_code people_view(struct cmd *c, struct people_reader *r, const struct person *p,
                         int64_t listed_us, struct people_view *ret);
