// SPDX-License-Identifier: GPL-3.0-or-later
/* Takes back what vectors.h defines. */
#undef REAL
#undef INTEGER
#undef VALUES
#undef KERNEL
#undef ADD_PRODUCT
#undef VECTOR
#undef READ
#undef WRITE
#undef BROADCAST
