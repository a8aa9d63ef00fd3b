/* The compiled filter program, so that the library needs no file beside it. */
	.section .rodata
	.balign 8
	.global lbq_filter_object
	.hidden lbq_filter_object
lbq_filter_object:
	.incbin LBQ_FILTER_OBJECT
	.global lbq_filter_object_end
	.hidden lbq_filter_object_end
lbq_filter_object_end:
	.section .note.GNU-stack, "", %progbits
