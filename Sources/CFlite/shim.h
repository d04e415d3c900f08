#pragma once
#include <flite/flite.h>

// Debian installs no header for its lexicons.
cst_lexicon *cmu_lex_init(void);
