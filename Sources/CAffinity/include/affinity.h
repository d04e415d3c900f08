#pragma once

// How many processors the calling thread may be put on; 0 if the system does not say.
int cpc_affinity(void);
