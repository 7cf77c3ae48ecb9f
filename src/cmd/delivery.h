/* delivery.h - deliveries for people to look at: shared by the commands that make one (deliver, sync),
 * decide about one (run approve, run reject) and show one (run show). */
#pragma once
#include "cmd/cmd.h"
#include "store/platform.h"

/* "COMPANY/KEY" of a destination. */
enum rc_code cmd_platform_of(struct cmd *c, const char *ref, bool with_secrets, struct company *ret,
                             struct platform *ret_platform);

/* What a delivery did, or would do, on one screen. */
/* Where there is nothing to do: that all is as it should be, or how many accounts wait for something, and where
 * they are told. */
const char *delivery_nothing(struct cmd *c, const struct company *co, const struct platform *p);
void delivery_summary(struct cmd *c, const struct company *co, const struct platform *p,
                      const struct run *r);
/* {"run":{...},"effects":[{"verb","of","planned","done",...}]} as members of the open object. */
enum rc_code delivery_json(struct cmd *c, struct json_writer *w, const char *key,
                           const struct company *co, const struct platform *p, const struct run *r);
/* run show of a delivery. */
enum cmd_exit delivery_show(struct cmd *c, const struct company *co, const struct run *r, bool all,
                            const char *csv, bool mark);
/* On record, as a decision is that comes by the API. rc: what came of it, which is given back. */
enum rc_code cmd_audit_decision(struct cmd *c, const struct company *co, const struct run *r,
                                bool yes, enum rc_code rc);
/* run approve, run reject of a delivery. */
enum cmd_exit delivery_decide(struct cmd *c, const struct company *co, int64_t run_id, bool yes,
                              const char *because);
