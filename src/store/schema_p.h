/* schema_p.h - migrations that lie in files of their own; for schema.c only. */
#pragma once
extern const char schema_23[];
extern const char schema_24[], schema_25[], schema_26[], schema_27[], schema_28[];
