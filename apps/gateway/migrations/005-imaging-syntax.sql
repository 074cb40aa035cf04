-- purpose: which transfer syntaxes there are of a class is asked at every association that wants images sent
-- locks: imaging_object for the building of one index

CREATE INDEX imaging_object__syntax ON imaging_object (sop_class, transfer_syntax);
