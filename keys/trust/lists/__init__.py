"""
Trust lists: who may be trusted, said by a scheme operator in one signed XML document (ETSI TS 119 612). Pure.

Reading order: words, facts; strict_xml, algorithms, enveloped (is it the operator's?), reading (what does it say?),
acceptance (may it follow the one we hold?), anchors (whom may we trust, and for when?); writing, sealing (our own).
"""
