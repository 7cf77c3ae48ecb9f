/* life_p.h - what the sources of life.h share besides. */
#pragma once
#include "tests/sync/life.h"

void life_import(struct life *l);
/* lists: with a complete inventory. What is held is approved. */
void life_deliver(struct life *l, bool lists);
void life_by_hand(struct life *l, const struct history_op *op, int n);
void life_befall(struct life *l, const struct history_op *op);
void life_calm(struct life *l);        /* no fault, no pause, the usual settings */
void life_forget_copy(struct life *l); /* that of the database */
