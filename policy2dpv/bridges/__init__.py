"""To and from what others use: TILT, registers of processing, older releases of the DPV."""
