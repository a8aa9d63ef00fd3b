import * as z from 'zod';

// The policy of the page forbids code made of text; zod would try, and the attempt be reported.
z.config({ jitless: true });
