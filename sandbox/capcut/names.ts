/** A few of the names that the server knows; the real lists have hundreds. CapCut's profile, which is its default. */
export interface TransitionMeta {
  name: string;
  effectId: string;
  resourceId: string;
  isOverlap: boolean;
}

export const TRANSITIONS: Record<string, TransitionMeta> = {
  Dissolve: {
    ...{ name: 'Dissolve', effectId: '392FD26E-A514-4d0f-8950-EA4A20CB407C' },
    ...{ resourceId: '6724846004274729480', isOverlap: false },
  },
  Mix: {
    ...{ name: 'Mix', effectId: 'CE454E9E-9C57-43c5-9E80-B46A6A495D10' },
    ...{ resourceId: '6724845717472416269', isOverlap: true },
  },
  Black_Fade: {
    ...{ name: 'Black Fade', effectId: '7CBE3442-7B48-4a73-9391-C74FB7580D30' },
    ...{ resourceId: '6724239388189921806', isOverlap: false },
  },
  White_Flash: {
    ...{ name: 'White Flash', effectId: 'B5F63066-4B98-4c8a-B4AD-1398E1D313F2' },
    ...{ resourceId: '6724845376098013708', isOverlap: false },
  },
};

/** JianYing's, of a server that is set up for it. */
export const JIANYING_TRANSITIONS: Record<string, TransitionMeta> = {
  叠化: { name: '叠化', effectId: '322577', resourceId: '6724845717472416269', isOverlap: true },
  闪黑: { name: '闪黑', effectId: '321493', resourceId: '6724239388189921806', isOverlap: false },
};

export const FONTS: Record<string, string> = {
  文轩体: '7290445778273702455',
  思源粗宋: '6807742980271641102',
  SourceHanSansCN_Regular: '7265597035946971705',
  HarmonyOS_Sans_SC_Bold: '7265594890002633272',
  Poppins_Bold: '7312373689708712449',
};

export const SCENE_EFFECTS = ['Blur', 'Light_Leak', 'Snow'];
