#!/usr/bin/env bash
# bench_mapping.sh - what one expression and one whole mapping cost a person, beside reading the person's stored row
exec "$ROLLCALL_BUILD/bench/mapping" "$@"
